/** Paths as text, without a disk: joined and with `.` and `..` taken out. */

/** `path` seen from `folder`. Absolute paths and those below the home folder (`~`) stand for themselves. */
export function joinPath(folder: string, path: string): string {
  return normalisePath(isRooted(path) ? path : `${folder}/${path}`)
}

export function isRooted(path: string): boolean {
  return path.startsWith('/') || path === '~' || path.startsWith('~/') || /^[A-Za-z]:[\\/]/.test(path)
}

/** `a/./b/../c/` becomes `a/c`, the empty path `.`; leading `..` stay. */
export function normalisePath(path: string): string {
  const root = path.startsWith('/') ? '/' : ''
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    const above = part === '..' && kept.length > 0 && kept.at(-1) !== '..' && kept.at(-1) !== '~'
    if (above) kept.pop()
    else if (!(part === '..' && root !== '')) kept.push(part)
  }
  return root + kept.join('/') || '.'
}
