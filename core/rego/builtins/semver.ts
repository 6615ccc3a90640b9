/** Semantic versions. https://semver.org */
import type { Value } from '../value.ts'
import { type Builtin, define, refuseValue, text } from './builtin.ts'

interface Version {
  readonly numbers: readonly bigint[]
  readonly prerelease: readonly string[]
}

const form =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

function parse(value: string): Version | null {
  const parts = value.length > 256 ? null : form.exec(value)
  if (parts === null) return null
  return { numbers: parts.slice(1, 4).map(BigInt), prerelease: parts[4]?.split('.') ?? [] }
}

function versionAt(value: Value, position: number): Version {
  const source = text(value, position)
  return parse(source) ?? refuseValue(`operand ${position}: string ${JSON.stringify(source)} is not a valid SemVer`)
}

function compareParts(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumberA && isNumberB) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function compareVersions(a: Version, b: Version): number {
  for (const [index, part] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n
    if (part !== other) return part < other ? -1 : 1
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Math.sign(b.prerelease.length - a.prerelease.length)
  }
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    if (other === undefined) return 1
    const order = compareParts(part, other)
    if (order !== 0) return order
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

export const semver: readonly Builtin[] = [
  define('semver.is_valid', 1, (value) => typeof value === 'string' && parse(value) !== null),
  define('semver.compare', 2, (a, b) => compareVersions(versionAt(a, 1), versionAt(b, 2))),
]
