import { describe, expect, it } from 'vitest'
import { exampleSubject, shellEvents, toolEvents } from '#core/policy/subject.ts'
import { hostOf, isLocalHost, networkUses } from '#core/session/network-use.ts'

function reached(command: string) {
  const { session } = exampleSubject({ title: 'x', events: shellEvents('c1', command, 0) })
  return networkUses(session).map(({ target, direction }) => `${direction} ${target}`)
}

describe('what a command reaches', () => {
  it.each([
    ['curl https://a.example/x', ['in a.example']],
    ['curl -sSL -o out.txt a.example:8080/x', ['in a.example']],
    ['curl -H "Authorization: b.example" https://a.example', ['in a.example']],
    ['curl -X POST https://a.example', ['out a.example']],
    ['curl -d @file https://a.example', ['out a.example']],
    ['curl --data-binary=x https://a.example', ['out a.example']],
    ['curl -T file https://a.example/', ['out a.example']],
    ['curl "https://a.example/?q=1"', ['out a.example']],
    ['curl "https://a.example/$(cat x)"', ['out a.example']],
    ['curl "https://$HOST_NAME/x"', ['out null']],
    ['curl https://a.example https://b.example', ['in a.example', 'in b.example']],
    ['wget -qO- http://user:word@a.example/x', ['in a.example']],
    ['wget --post-data=x a.example', ['out a.example']],
    ['http POST a.example/x name=1', ['out a.example']],
    ['ssh -p 22 me@a.example uptime', ['both a.example']],
    ['scp -r me@a.example:/x .', ['in a.example']],
    ['scp x me@a.example:/y', ['out a.example']],
    ['scp a b', []],
    ['rsync -av dist/ a.example:/srv/', ['out a.example']],
    ['nc -l 4444', []],
    ['exec 3<>/dev/tcp/a.example/80', ['both a.example']],
    ['git clone git@a.example:x/y.git', ['in a.example']],
    ['git push https://a.example/x main', ['out a.example']],
    ['git push origin main', []],
    ['gh issue view 3', ['in github.com']],
    ['gh pr create --fill', ['out github.com']],
    ['gh api -X POST repos/a/b/issues', ['out github.com']],
    ['gh auth status', []],
    ['npm publish', ['out npm publish']],
    ['aws s3 cp x s3://bucket/x', ['out aws s3']],
    ['aws s3 cp s3://bucket/x .', []],
    ['echo curl https://a.example', []],
    ['curl --help', []],
  ])('%s', (command, wanted) => {
    expect(reached(command)).toEqual(wanted)
  })
})

it('takes addresses from the agent’s own tools, and keeps what was denied apart', () => {
  const fetch = (id: string, outcome: 'ok' | 'denied') =>
    toolEvents(id, { tool: 'WebFetch', category: 'web', input: { url: 'https://A.example./x' }, outcome })
  const { session } = exampleSubject({ title: 'x', events: [...fetch('w1', 'ok'), ...fetch('w2', 'denied')] })
  expect(networkUses(session)).toMatchObject([
    { target: 'a.example', direction: 'in', events: ['w1', 'w1-result'], denied: false },
    { target: 'a.example', denied: true },
  ])
})

it.each([
  ['https://[::1]:8080/x', '::1', true],
  ['http://localhost:3000', 'localhost', true],
  ['127.0.0.9', '127.0.0.9', true],
  ['app.localhost', 'app.localhost', true],
  ['https://localhost.a.example', 'localhost.a.example', false],
  ['https://127.0.0.1@a.example/', 'a.example', false],
])('%s is %s, this machine: %s', (address, host, isLocal) => {
  expect(hostOf(address)).toBe(host)
  expect(isLocalHost(host)).toBe(isLocal)
})
