/** Words of programs, many of which sound like secrets, and ids made of nothing. */
import { HEX, type Random } from './random.ts'

export type Write = (random: Random) => string

export const words =
  'order basket token session secret password key user index cache parser stream handler commit branch policy report price field input value config request response worker queue signature account credential author count page'.split(
    ' ',
  )

export const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

export const identifier = ({ text }: Random): string =>
  `${text(8, HEX)}-${text(4, HEX)}-4${text(3, HEX)}-a${text(3, HEX)}-${text(12, HEX)}`
