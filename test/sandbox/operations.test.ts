/** Each face has the gRPC methods of its release, all of them and no other: clients find out the release by them. */
import {expect, test} from 'vitest'
import {OPERATIONS, type OperationId} from '../../src/api/operations.ts'
import {faceOf, SANDBOX_RELEASES} from '../../src/sandbox/faces/index.ts'

const MACHINES_15 = `
  GetNamespace CreateNamespace RenameNamespace DeleteNamespace ListNamespaces CreatePreAuthKey ExpirePreAuthKey
  ListPreAuthKeys DebugCreateMachine GetMachine RegisterMachine DeleteMachine ExpireMachine ListMachines
  GetMachineRoute EnableMachineRoutes CreateApiKey ExpireApiKey ListApiKeys`
const MACHINES_16 = `${MACHINES_15} SetTags RenameMachine MoveMachine`
const NODES_28 = `
  CreateUser RenameUser DeleteUser ListUsers CreatePreAuthKey ExpirePreAuthKey DeletePreAuthKey ListPreAuthKeys
  DebugCreateNode GetNode SetTags SetApprovedRoutes RegisterNode DeleteNode ExpireNode RenameNode ListNodes
  BackfillNodeIPs CreateApiKey ExpireApiKey ListApiKeys DeleteApiKey GetPolicy SetPolicy Health`
const NODES_29 = `${NODES_28} AuthRegister AuthApprove AuthReject CheckPolicy`

const METHODS: Record<(typeof SANDBOX_RELEASES)[number], string> = {
  '0.15': MACHINES_15,
  '0.16': MACHINES_16,
  '0.17': MACHINES_16,
  '0.28': NODES_28,
  '0.29': NODES_29,
}

test.each(SANDBOX_RELEASES)('%s', async (release) => {
  const {handlers} = await faceOf(release)
  const methods = Object.keys(handlers).map((id) => OPERATIONS[id as OperationId].rpc)
  expect(methods.sort()).toEqual(METHODS[release].trim().split(/\s+/).sort())
})

test.each([
  ['0.17.1', '0.17'],
  ['v0.29.2', '0.29'],
])('%s means %s', async (given, line) => {
  expect((await faceOf(given)).release).toBe(line)
})

test.each(['', '0', '0.1', '0.22.3', '0.30', '1.0.0', 'latest'])('%j is none it can be', async (release) => {
  await expect(faceOf(release)).rejects.toMatchObject({exitCode: 2})
})
