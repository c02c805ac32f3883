/** Makes a gRPC call to each socket in turn, run by Bun: prints a line of JSON with all results. */
import {GrpcStatus} from '../../../src/api/transport/grpc/status.ts'
import {openGrpcConnection} from '../../../src/api/transport/grpc/connection.ts'
import {dialSocket} from '../../../src/api/transport/os-errors.ts'

const [timeout, ...paths] = process.argv.slice(2)

async function ask(path: string): Promise<string> {
  try {
    const socket = await dialSocket(path, 100)
    const connection = openGrpcConnection(socket, {timeoutMs: Number(timeout), describe: 'the socket'})
    const calls = Array.from({length: 20}, () => connection.unary('/test/Method', Uint8Array.of(1)))
    const replies = await Promise.all(calls).finally(() => connection.close())
    return `${replies.length} replies of ${replies[0]!.length} bytes`
  } catch (error) {
    const {code, message} = error as {code: unknown; message: string}
    return error instanceof GrpcStatus ? `status ${code}: ${message}` : `${code}: ${message}`
  }
}

for (const path of paths) console.log(JSON.stringify(await ask(path)))
