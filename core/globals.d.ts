/**
 * The platform that `core` may touch, listed by hand: what exists alike in Node 20, in workerd and in browsers.
 * Anything that is missing here (fetch, process, timers, node:*) is taken as an argument instead.
 */

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare const TextEncoder: { new (): TextEncoder }

interface TextDecoder {
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}
declare const TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder }

interface CryptoKey {
  readonly type: 'secret' | 'private' | 'public'
}
interface SubtleCrypto {
  digest(algorithm: string, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  importKey(
    format: 'raw' | 'spki' | 'pkcs8',
    data: Uint8Array<ArrayBuffer>,
    algorithm: { readonly name: string; readonly namedCurve?: string; readonly hash?: string },
    extractable: boolean,
    usages: readonly ('sign' | 'verify')[],
  ): Promise<CryptoKey>
  exportKey(format: 'raw' | 'spki' | 'pkcs8', key: CryptoKey): Promise<ArrayBuffer>
  sign(
    algorithm: { readonly name: string; readonly hash?: string },
    key: CryptoKey,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<ArrayBuffer>
  verify(
    algorithm: { readonly name: string; readonly hash?: string },
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>
}
declare const crypto: { readonly subtle: SubtleCrypto }

interface URLSearchParams {
  get(name: string): string | null
}
interface URL {
  readonly protocol: string
  readonly host: string
  readonly hostname: string
  readonly pathname: string
  readonly search: string
  readonly searchParams: URLSearchParams
  toString(): string
}
declare const URL: { new (url: string, base?: string): URL; canParse(url: string, base?: string): boolean }

declare function atob(text: string): string
declare function btoa(text: string): string
