/** How much a path takes in: a whole home or system, or a part of a project. */
import { joinPath } from '../shell/path.ts'
import type { ShellWord } from '../shell/word.ts'

export type Width = 'wide' | 'narrow' | 'computed'

const systemFolder =
  /^\/(?:bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var|Applications|Library|System|Users|Volumes|mnt|media)(?:\/\*+)?$|^\/\**$/
const systemPart =
  /^\/(?:bin|boot|dev|etc|lib|lib64|proc|sbin|sys|usr\/(?:bin|lib|sbin|share|include)|System|Library|var\/(?:lib|log))(?:\/|$)/
const personFolder = /^\/(?:home|Users)\/[^/]+(?:\/\*+)?$/
const homePart =
  /^~(?:\/(?:\*+|\.|\.\*|Documents|Desktop|Downloads|Pictures|Library|\.ssh|\.gnupg|\.aws|\.kube|\.config)(?:\/\*+)?)?$/

/** Whether a removal of this word takes far more than a project's own output. */
export function widthOf(word: ShellWord, folder: string | null): Width {
  if (word.value !== null) {
    const own = word.value
    if (folder === null && !/^[/~]/.test(own))
      return /^(?:\.|\*+|\.\/?\*+|\.\.(?:\/.*)?)\/?$/.test(own) ? 'computed' : 'narrow'
    const path = joinPath(folder ?? '.', own)
    const isWhole =
      path === '.' || /^\*+$/.test(path) || /^(?:\.\.\/?)+(?:\*+)?$/.test(path) || path === '.git' || path === '.*'
    const isRoot = systemFolder.test(path) || systemPart.test(path) || personFolder.test(path) || homePart.test(path)
    return isWhole || isRoot || /^[A-Za-z]:[\\/]?\*?$/.test(own) ? 'wide' : 'narrow'
  }
  // A known name at the end, or a known folder in front, bounds what can be meant.
  if (/\/[^/*?.][^/*?]*\/?$/.test(word.suffix)) return 'narrow'
  return word.prefix === '' || /^(?:\/+|~\/?|\.\.?|\.\.\/)$/.test(word.prefix) ? 'computed' : 'narrow'
}
