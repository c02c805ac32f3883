/**
 * Lines of headscale's own CLI from 0.23 to 0.28 that are compared with the sandbox, in the form of each release.
 * One line is one process; words are separated by one space, `''` is the empty word. Names in upper case are replaced by files.
 * Nodes are deleted only at the end, because their tables show the effect of the earlier lines.
 */

const LONG = 'a'.repeat(64)
/** Forms of a registration key: two valid ones, and some invalid ones. */
const MKEYS = {good: `mkey:${'ab'.repeat(32)}`, other: `mkey:${'cd'.repeat(32)}`, bad: `mkey:${'xy'.repeat(32)}`}
const IDS = {good: 'abcdefghijklmnopqrstuvwx', other: '000000000000000000000000', bad: 'short'}

const USERS_BY_NAME = `
users list
users create alice
users create alice
users create bob
users create Bad
users create a_b
users create ${LONG}
users create ''
users list
users list -o json-line
users rename bob alice
users rename bob robert -o json-line
users rename nope x
users rename robert bob
users rename bob Bad
users destroy nope --force
`

const USERS_BY_ID = `
users list
users create alice
users create alice
users create bob -d Bob -e bob@example.com -o json-line
users create x
users create 1x
users create a@b@c
users create a!b
users create Ümlaut
users create ''
users list -o json-line
users list
users list -n bob
users list -i 2
users list -e bob@example.com
users list -i 9
users rename -i 2 -r alice
users rename -i 2 -r robert -o json-line
users rename -i 2 -r bob
users rename -i 2 -r ''
users rename -i 9 -r x
users destroy -i 3 --force
users destroy -i 9 --force
`

const registering = ({good, other, bad}: typeof IDS) => `
nodes register -u alice -k ${good}
nodes register -u alice -k ${bad}
nodes register -u nope -k ${good}
debug create-node --name Na_Me.x -u alice -k ${good} -r 10.0.0.0/24,0.0.0.0/0 -o json-line
debug create-node --name x -u nope -k ${other}
debug create-node --name x -u alice -k ${other} -r nope
debug create-node --name Na_Me.x -u alice -k ${other}
nodes register -u nope -k ${good}
nodes register -u alice -k ${good} -o json-line
nodes register -u alice -k ${good}
nodes register -u bob -k ${other}
nodes list
nodes list -t
nodes list -o json-line
nodes list -u alice -o json-line
nodes list -u nope
nodes list -u Bad
`

const NODES = `
nodes rename -i 1 fresh
nodes rename -i 1 fresh
nodes rename -i 2 fresh
nodes rename -i 2 Fresh
nodes rename -i 2 a.b
nodes rename -i 2 x
nodes rename -i 2 -- -x
nodes rename -i 2 a_b
nodes rename -i 2 ${LONG}
nodes rename -i 9 other
nodes tag -i 1 -t tag:b,tag:a,tag:b -o json-line
nodes tag -i 1 -t x
nodes tag -i 1 -t tag:X
nodes tag -i 9 -t tag:x
nodes list -t -o json-line
nodes expire -i 9
nodes expire -i 1
nodes backfillips --force
nodes delete -i 9 --force
`

const EXPIRY = `
nodes expire -i 1 -e 2040-01-01T00:00:00Z -o json-line
nodes expire -i 1 -e soon
`

const ROWS = `
routes list
routes list -i 1
routes list -i 9
routes enable -r 1
routes disable -r 9
routes delete -r 9
routes list -i 1
`

const FIELDS = `
nodes approve-routes -i 2 -r 10.9.0.5/24,10.0.0.0/8,::/0,10.0.0.0/8 -o json-line
nodes approve-routes -i 1 -r 10.0.0.0/24,::/0 -o json-line
nodes approve-routes -i 2 -r nope
nodes approve-routes -i 9 -r 10.0.0.0/8
nodes list-routes
nodes list-routes -i 1
nodes list -o json-line
nodes approve-routes -i 1 -r ''
nodes list-routes
`

const POLICIES = `
policy get
policy set -f BROKEN
policy set -f LIST
policy set -f NOTAG
policy set -f NOGROUP
policy set -f BADTAG
policy set -f BADGROUP
policy set -f POLICY
policy set -f RULES
policy set -f STRANGE
policy get
`

/** The state after a rejected policy. */
const poisoned = ({other}: typeof IDS) => `
policy set -f BADACTION
users create carol
debug create-node --name p -u alice -k ${other}
nodes register -u alice -k ${other}
nodes list -o json-line
nodes tag -i 1 -t tag:c
policy get
policy set -f RULES
users create dave
`

const MOVES_BY_NAME = `
nodes move -i 1 -u bob -o json-line
nodes move -i 1 -u nope
nodes move -i 9 -u bob
nodes move -i 0 -u alice
`

const MOVES_BY_ID = `
nodes move -i 1 -u 2 -o json-line
nodes move -i 1 -u 9
nodes move -i 9 -u 2
nodes move -i 1 -u 1
`

/** @param owner how the calls name alice, bob and nobody */
const preAuthKeys = ([alice, bob, nobody]: readonly [string, string, string]) => `
preauthkeys -u ${alice} create
preauthkeys -u ${alice} create --reusable --ephemeral --expiration 30d --tags tag:x,tag:y -o json-line
preauthkeys -u ${alice} create --tags x
preauthkeys -u ${nobody} create
preauthkeys -u ${alice} list
preauthkeys -u ${bob} list -o json-line
preauthkeys -u ${nobody} list
preauthkeys -u ${alice} expire nope
`

const API_KEYS = `
apikeys create
apikeys list
apikeys expire -p nope
apikeys delete -p nope
`

const NODES_TAGGED = `
nodes tag -i 1 -t tag:x,tag:x -o json-line
nodes tag -i 1 -t tag:z,tag:w
nodes tag -i 1
nodes list -o json-line
nodes list -u alice -o json-line
nodes list
`

/** Pre-auth keys of 0.28 and later. */
export const KEYS_BY_ID = `
preauthkeys create
preauthkeys create -u 9
preauthkeys create -u 1
preauthkeys create -u 1 --reusable --ephemeral --expiration 30d --tags tag:y,tag:x,tag:x -o json-line
preauthkeys create --tags tag:x -o json-line
preauthkeys create --tags x
preauthkeys list
preauthkeys list -o json-line
preauthkeys expire -i 1
preauthkeys expire -i 9
preauthkeys delete -i 2
preauthkeys delete -i 9
preauthkeys list -o json-line
`

const API_KEYS_BY_ID = `
apikeys create
apikeys list
apikeys expire -i 9
apikeys expire -p nope
apikeys delete -p hskey-api-short
apikeys delete -i 2
apikeys list -o json-line
`

const TAGS_LAST = `
nodes tag -i 1 -o json-line
nodes list -t
`

const END_BY_NAME = `
users destroy alice --force
nodes delete -i 1 --force
nodes delete -i 2 --force -o json-line
nodes list
users destroy alice --force
users list
`

const END_BY_ID = `
users destroy -i 1 --force
nodes delete -i 0 --force
nodes delete -i 1 --force
nodes delete -i 2 --force -o json-line
nodes list
users list
`

const NAMES = ['alice', 'bob', 'nope'] as const
const NUMBERS = ['1', '2', '9'] as const

export const CLI_LINES = {
  '0.23.0': [
    USERS_BY_NAME,
    registering(MKEYS),
    NODES,
    ROWS,
    MOVES_BY_NAME,
    POLICIES,
    'policy set -f BADACTION',
    preAuthKeys(NAMES),
    API_KEYS,
    TAGS_LAST,
    END_BY_NAME,
  ].join('\n'),
  '0.25.1': [
    USERS_BY_ID,
    // One route: 0.25.1 numbers several in the order of a Go map, which differs in each run.
    registering(IDS).replace('10.0.0.0/24,0.0.0.0/0', '10.0.0.0/24'),
    NODES,
    ROWS,
    MOVES_BY_NAME,
    POLICIES,
    poisoned(IDS),
    preAuthKeys(NAMES),
    API_KEYS,
    TAGS_LAST,
    END_BY_ID,
  ].join('\n'),
  '0.27.1': [
    USERS_BY_ID.replaceAll(/^users create (?:x|1x|a@b@c|a!b|Ümlaut)\n/gm, ''),
    registering(IDS),
    NODES,
    EXPIRY,
    FIELDS,
    MOVES_BY_ID,
    POLICIES,
    'policy set -f BADACTION',
    preAuthKeys(NUMBERS),
    API_KEYS,
    TAGS_LAST,
    END_BY_ID,
    'health -o json-line',
  ].join('\n'),
  '0.28.0': [
    USERS_BY_ID.replaceAll(/^users create (?:x|1x|a@b@c|a!b|Ümlaut)\n/gm, ''),
    registering(IDS),
    NODES,
    EXPIRY,
    FIELDS,
    POLICIES,
    'policy set -f BADACTION',
    NODES_TAGGED,
    KEYS_BY_ID,
    API_KEYS_BY_ID,
    END_BY_ID,
    'preauthkeys list',
    'health -o json-line',
  ].join('\n'),
  '0.26.1': [
    USERS_BY_ID,
    registering(IDS),
    NODES,
    FIELDS,
    MOVES_BY_ID,
    POLICIES,
    poisoned(IDS),
    preAuthKeys(NUMBERS),
    API_KEYS,
    TAGS_LAST,
    END_BY_ID,
  ].join('\n'),
}
