/** Each simulator has exactly the gRPC methods of its release, because clients detect the release by them. */
import {expect, test} from 'vitest'
import {OPERATIONS, type OperationId} from '../../src/api/operations.ts'
import {loadSimulator, SANDBOX_RELEASES} from '../../src/sandbox/releases/load-simulator.ts'

const MACHINES_15 = `
  GetNamespace CreateNamespace RenameNamespace DeleteNamespace ListNamespaces CreatePreAuthKey ExpirePreAuthKey
  ListPreAuthKeys DebugCreateMachine GetMachine RegisterMachine DeleteMachine ExpireMachine ListMachines
  GetMachineRoute EnableMachineRoutes CreateApiKey ExpireApiKey ListApiKeys`
const MACHINES_16 = `${MACHINES_15} SetTags RenameMachine MoveMachine`
const MACHINES_18 = MACHINES_16.replace(
  'GetMachineRoute EnableMachineRoutes',
  'GetRoutes EnableRoute DisableRoute GetMachineRoutes',
)
const MACHINES_19 = MACHINES_18.replaceAll('Namespace', 'User')
const NODES_23 = `${MACHINES_19.replaceAll('Machine', 'Node')}
  DeleteRoute DeleteApiKey BackfillNodeIPs GetPolicy SetPolicy`
const NODES_24 = NODES_23.replace('GetUser', '')
const NODES_26 = `
  CreateUser RenameUser DeleteUser ListUsers CreatePreAuthKey ExpirePreAuthKey ListPreAuthKeys
  DebugCreateNode GetNode SetTags SetApprovedRoutes RegisterNode DeleteNode ExpireNode RenameNode ListNodes MoveNode
  BackfillNodeIPs CreateApiKey ExpireApiKey ListApiKeys DeleteApiKey GetPolicy SetPolicy`
const NODES_28 = `
  CreateUser RenameUser DeleteUser ListUsers CreatePreAuthKey ExpirePreAuthKey DeletePreAuthKey ListPreAuthKeys
  DebugCreateNode GetNode SetTags SetApprovedRoutes RegisterNode DeleteNode ExpireNode RenameNode ListNodes
  BackfillNodeIPs CreateApiKey ExpireApiKey ListApiKeys DeleteApiKey GetPolicy SetPolicy Health`
const NODES_29 = `${NODES_28} AuthRegister AuthApprove AuthReject CheckPolicy`

const METHODS: Record<(typeof SANDBOX_RELEASES)[number], string> = {
  '0.15': MACHINES_15,
  '0.16': MACHINES_16,
  '0.17': MACHINES_16,
  '0.18': MACHINES_18,
  '0.19': MACHINES_19,
  '0.20': MACHINES_19,
  '0.21': `${MACHINES_19} DeleteRoute`,
  '0.22': `${MACHINES_19} DeleteRoute`,
  '0.23': NODES_23,
  '0.24': NODES_24,
  '0.25': NODES_24,
  '0.26': NODES_26,
  '0.27.0': `${NODES_26} Health`,
  '0.27': `${NODES_26} Health`,
  '0.28': NODES_28,
  '0.29': NODES_29,
  '0.30': `${NODES_29} ListKeys CreateKey DeleteKey`,
}

test.each(SANDBOX_RELEASES)('%s has exactly the methods of its release', async (release) => {
  const {handlers} = await loadSimulator(release)
  const methods = Object.keys(handlers).map((id) => OPERATIONS[id as OperationId].rpc)
  expect(methods.sort()).toEqual(METHODS[release].trim().split(/\s+/).sort())
})

test.each([
  ['0.17.1', '0.17'],
  ['0.22.3', '0.22'],
  ['0.27.0', '0.27.0'],
  ['0.27.1', '0.27'],
  ['0.27', '0.27'],
  ['v0.29.3', '0.29'],
])('%s means %s', async (given, line) => {
  expect((await loadSimulator(given)).release).toBe(line)
})

test.each(['', '0', '0.1', '0.14', '0.31', '1.0.0', 'latest'])('rejects %j as a release', async (release) => {
  await expect(loadSimulator(release)).rejects.toMatchObject({exitCode: 2})
})
