import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hmac, md5, sha1, sha256 } from '#core/rego/builtins/hash.ts'
import { compile } from '#core/rego/rego.ts'
import { answer, errorOf, problems, run } from './policy.ts'

/** What an expression is worth; undefined where it has no value. */
function value(expression: string, input: unknown = null): unknown {
  return answer(`p := ${expression}`, { input })
}

describe('each group', () => {
  test.each<[string, unknown]>([
    ['[count("aé😀"), sum([1, 2.5]), product([]), max([]) ] == 1', undefined],
    ['[count("aé😀"), sum([1, 2.5]), product([2, 3]), max([1, "a"]), sort({3, 1})]', [3, 3.5, 6, 'a', [1, 3]]],
    ['[round(2.5), round(-2.5), ceil(1.1), floor(-1.1), abs(-3)]', [3, -3, 2, -2, 3]],
    [
      '[numbers.range(3, 1), numbers.range_step(1, 6, 2), bits.and(6, 3), bits.lsh(1, 70)]',
      [[3, 2, 1], [1, 3, 5], 2, 2n ** 70n],
    ],
    ['[{1, 2} - {2}, {1} & {2}, union({{1}, {2}})]', [[1], [], [1, 2]]],
    [
      '[array.slice([1, 2, 3], 1, 9), array.reverse([1, 2]), array.concat([1], [2])]',
      [
        [2, 3],
        [2, 1],
        [1, 2],
      ],
    ],
    [
      '[split("a,b", ","), substring("añb", 1, -1), indexof("añb", "b"), trim_space(" x "), upper("ä")]',
      [['a', 'b'], 'ñb', 2, 'x', 'Ä'],
    ],
    [
      'sprintf("%5.2f|%-4d|%04d|%x|%v|%s|%q|%%|%d", [3.14159, 7, 42, 255, {"a", 1}, [true], "q", "no"])',
      ' 3.14|7   |0042|ff|{1, "a"}|[true]|"q"|%|%!d(string=no)',
    ],
    ['sprintf("%d %s", [1])', '1 %!s(MISSING)'],
    ['strings.replace_n({"a": "b", "b": "c"}, "aab")', 'bbc'],
    [
      '[object.get({"a": {"b": 1}}, ["a", "b"], 0), object.union({"a": {"x": 1}}, {"a": {"y": 2}}), object.keys({"k": 1})]',
      [1, { a: { x: 1, y: 2 } }, ['k']],
    ],
    [
      'json.patch({"a": [1, 2]}, [{"op": "remove", "path": "/a/0"}, {"op": "add", "path": "/b", "value": 3}])',
      { a: [2], b: 3 },
    ],
    [
      '[json.filter({"a": {"b": 1, "c": 2}}, ["a/b"]), json.remove({"a": {"b": 1, "c": 2}}, ["a/b"])]',
      [{ a: { b: 1 } }, { a: { c: 2 } }],
    ],
    ['json.match_schema({"n": 1.5}, {"properties": {"n": {"type": "integer"}}})[0]', false],
    [
      '[base64.encode("ü>"), base64url.decode("w7w-"), hex.encode("ü"), urlquery.encode("a b&ü")]',
      ['w7w+', 'ü>', 'c3bc', 'a+b%26%C3%BC'],
    ],
    ['[yaml.unmarshal("a: [1, x]"), json.is_valid("{"), yaml.is_valid("a: [")]', [{ a: [1, 'x'] }, false, false]],
    [
      '[regex.find_n("a.", "abacad", 2), regex.replace("2026-01", `(\\d+)-(\\d+)`, "$2/$1"), regex.split(",+", "a,,b")]',
      [['ab', 'ac'], '01/2026', ['a', 'b']],
    ],
    [
      '[glob.match("src/*.ts", ["/"], "src/a.ts"), glob.match("src/*.ts", ["/"], "src/a/b.ts"), glob.match("src/**", ["/"], "src/a/b.ts")]',
      [true, false, true],
    ],
    [
      '[glob.match("{a,b[0-9]}?", null, "b7x"), glob.match("[!a]", null, "a"), glob.match("a.c", null, "abc")]',
      [true, false, false],
    ],
    [
      '[time.date(0), time.clock([1767268800000000000, "America/New_York"]), time.parse_rfc3339_ns("1970-01-01T00:00:01.5Z")]',
      [[1970, 1, 1], [7, 0, 0], 1_500_000_000],
    ],
    [
      '[time.parse_duration_ns("1h2.5s"), time.weekday(0), time.add_date(0, 0, 1, 31), time.diff(0, 86400000000000)]',
      [3_602_500_000_000, 'Thursday', 5_356_800_000_000_000, [0, 0, 1, 0, 0, 0]],
    ],
    ['[semver.compare("1.0.0-rc.10", "1.0.0-rc.9"), semver.is_valid("1.0")]', [1, false]],
    ['[units.parse("1.5Ki"), units.parse("20m"), units.parse_bytes("2MB")]', [1536, 0.02, 2_000_000]],
    [
      '[net.cidr_contains("10.0.0.0/8", "10.1.2.3"), net.cidr_merge(["10.0.0.0/25", "10.0.0.128/25"]), net.cidr_intersects("::/0", "10.0.0.0/8")]',
      [true, ['10.0.0.0/24'], false],
    ],
    [
      '[graph.reachable({"a": ["b"], "b": [], "c": []}, ["a"]), {path | walk({"k": [1]}, [path, 1])}]',
      [['a', 'b'], [['k', 0]]],
    ],
    ['[is_set({1}), type_name(null), to_number("1e3")]', [true, 'null', 1000]],
  ])('%s', (expression, wanted) => {
    expect(value(expression)).toEqual(wanted)
  })
})

test('null is a value, not an absence', () => {
  const input = { a: null, b: { c: null } }
  expect(
    value('[object.get(input, "a", 1), object.get(input, ["b", "c"], 1), object.get(input, "x", null)]', input),
  ).toEqual([null, null, null])
  expect(value('[x | x := input[_]; x == null]', input)).toEqual([null])
  expect(answer('default p := 1\np := input.a', { input })).toBeNull()
  expect(value('json.patch(input, [{"op": "test", "path": "/a", "value": null}]).a', input)).toBeNull()
})

describe('refusals', () => {
  test('undefined by default, an error when strict', () => {
    expect(value('1 / input', 0)).toBeUndefined()
    expect(errorOf('p := 1 / input', { input: 0, strict: true })).toBe('eval_builtin_error')
    expect(errorOf('p := count(input)', { input: 1, strict: true })).toBe('eval_type_error')
  })
  test('nothing reaches out, and no policy can hide the attempt', () => {
    expect(errorOf('p := http.send({"url": "http://127.0.0.1", "method": "GET"})')).toBe('unsupported_builtin')
    expect(errorOf('default p := true\np := false if net.lookup_ip_addr("a")')).toBe('unsupported_builtin')
    expect(value('opa.runtime()')).toEqual({})
  })
  test('schemas with keywords that policies do not check do not pass, and say what to do instead', () => {
    const outcome = run('p := json.match_schema({}, {"if": {}})')
    const message = expect.stringMatching(/checks no keyword if: leave it out of the schema, and write a rule/)
    expect(outcome).toMatchObject({ error: { code: 'unsupported_builtin', message } })
  })
})

describe('hashes agree with the platform', () => {
  test('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 100 }), (bytes, key) => {
        const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')
        expect(hex(md5(bytes))).toBe(createHash('md5').update(bytes).digest('hex'))
        expect(hex(sha1(bytes))).toBe(createHash('sha1').update(bytes).digest('hex'))
        expect(hex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'))
        expect(hex(hmac(sha256, key, bytes))).toBe(createHmac('sha256', key).update(bytes).digest('hex'))
      }),
    )
  })
  test('JSON Web Tokens: HS256 is verified, another algorithm is refused aloud', () => {
    const part = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url')
    const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'dev', exp: 1_767_268_801 })}`
    const token = `${signed}.${createHmac('sha256', 'secret').update(signed).digest('base64url')}`
    expect(value('io.jwt.verify_hs256(input, "secret")', token)).toBe(true)
    expect(value('io.jwt.verify_hs256(input, "other")', token)).toBe(false)
    expect(value('io.jwt.decode_verify(input, {"secret": "secret"})[0]', token)).toBe(true)
    expect(value('io.jwt.decode(input)[1].sub', token)).toBe('dev')
    expect(errorOf('p := io.jwt.verify_rs256("a.b.c", "key")')).toBe('unsupported_builtin')
  })
})

test('random JSON survives marshal and unmarshal', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (document) => {
      const written = JSON.parse(JSON.stringify(document)) as unknown
      expect(value('json.unmarshal(json.marshal(input)) == input', { document: written })).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('a rule may have the name of a built-in, which it then hides', () => {
  expect(answer('count(x) := ["own", x]\np := count(1)')).toEqual(['own', 1])
  expect(problems('package t\np := count(1) + 1')).toEqual([])
  expect(compile([])).toHaveProperty('program')
})
