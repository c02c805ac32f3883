/** Times and sizes that stop the server, and the log. */
import type {Context} from './context.ts'

const SECOND = 1e9
const STOPS = 'headscale does not start'

export function checkNumbers(context: Context): void {
  checkEphemeral(context)
  checkTuning(context)
  checkLog(context)
}

function checkEphemeral(context: Context): void {
  const {settings, rules} = context
  const key = rules.nodeBlock ? 'node.ephemeral.inactivity_timeout' : 'ephemeral_node_inactivity_timeout'
  const text = settings.text(key)
  if (settings.duration(key, '120s') <= 65 * SECOND) {
    context.error('too-short', key, [`${key} is ${text}`, `${STOPS} unless it is more than 65s`, 'Write 120s or more'])
  }
  if (rules.flatKeys && settings.duration('node_update_check_interval', '10s') > 60 * SECOND) {
    context.error('too-long', 'node_update_check_interval', [
      `node_update_check_interval is ${settings.text('node_update_check_interval')}`,
      `${STOPS} if it is more than 60s`,
      'Write 10s',
    ])
  }
}

function checkTuning(context: Context): void {
  const {settings, rules} = context
  const reads = (key: string) => settings.isSet(key)
  if (rules.nodeStoreTuning) {
    if (reads('tuning.node_store_batch_size') && settings.int('tuning.node_store_batch_size', 100) <= 0) {
      context.error('not-positive', 'tuning.node_store_batch_size', [
        'tuning.node_store_batch_size is not positive',
        STOPS,
        'Delete it; the default is 100',
      ])
    }
    if (
      reads('tuning.node_store_batch_timeout') &&
      settings.duration('tuning.node_store_batch_timeout', '500ms') <= 0
    ) {
      context.error('not-positive', 'tuning.node_store_batch_timeout', [
        'tuning.node_store_batch_timeout is not positive',
        STOPS,
        'Delete it; the default is 500ms',
      ])
    }
  }
  if (rules.batchDelayNeeded && settings.duration('tuning.batch_change_delay', '800ms') <= 0) {
    const key = 'tuning.batch_change_delay'
    context.error('not-positive', key, [`${key} is not positive`, STOPS, 'Delete it; the default is 800ms'])
  }
  if (rules.negativeCheckpointIsFatal && settings.int('database.sqlite.wal_autocheckpoint', 1000) < -1) {
    const key = 'database.sqlite.wal_autocheckpoint'
    context.error('not-positive', key, [`${key} is less than -1`, STOPS, 'Write 1000, or 0 to turn checkpoints off'])
  }
  if (!rules.nodeBlock) return
  const [every, wait] = ['node.routes.ha.probe_interval', 'node.routes.ha.probe_timeout']
  const interval = settings.duration(every, '10s')
  const timeout = settings.duration(wait, '5s')
  if (interval <= 0) return
  if (interval < 2 * SECOND)
    context.error('too-short', every, [
      `${every} is ${settings.text(every)}`,
      `${STOPS} unless it is 0 or at least 2s`,
      'Write 10s, or 0 to turn probes off',
    ])
  if (timeout < SECOND)
    context.error('too-short', wait, [
      `${wait} is ${settings.text(wait)}`,
      `${STOPS} unless it is at least 1s`,
      'Write 5s',
    ])
  else if (timeout >= interval) {
    const [key, other] = settings.isSet(wait) ? [wait, every] : [every, wait]
    context.error('probe-times', key, [
      `${wait} is not shorter than ${every}`,
      STOPS,
      `Change ${key}, or ${other}; the defaults are 10s and 5s`,
    ])
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'panic', 'disabled']

function checkLog(context: Context): void {
  const {settings} = context
  const level = settings.text('log.level', 'info')
  if (level !== '' && !LEVELS.includes(level.toLowerCase()) && !/^-?[0-9]{1,3}$/.test(level)) {
    context.warning('log-level', 'log.level', [
      `log.level is '${level}'`,
      'headscale uses debug',
      `Write one of ${LEVELS.slice(0, 5).join(', ')}`,
    ])
  }
  const format = settings.text('log.format', 'text')
  if (format !== '' && format !== 'text' && format !== 'json') {
    context.warning('log-format', 'log.format', [
      `log.format is '${format}'`,
      'headscale logs an error and uses text',
      'Write text or json',
    ])
  }
}
