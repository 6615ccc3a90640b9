/** Node has the class on `globalThis.crypto`'s keys, but its types name it only inside of the module. */
type CryptoKey = import('node:crypto').webcrypto.CryptoKey
