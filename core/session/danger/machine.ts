/** The machine itself: its disks, permissions, records and protection. */
import type { ShellCommand } from '../shell.ts'
import { certain, isContained, type Sight } from './sight.ts'
import { widthOf } from './width.ts'

const disk = /^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|disk\d|rdisk\d|mapper\/|md\d)/

export function seeDisk(command: ShellCommand): Sight | null {
  const { program, arguments: words, writes } = command
  const what = 'overwrites a disk'
  if (writes.some((path) => path !== null && disk.test(path))) return certain('disk', command, what)
  if (program === null) return null
  if (/^mkfs(?:\.|$)/.test(program) || program === 'wipefs' || program === 'mke2fs')
    return certain('disk', command, 'formats a disk')
  if (program === 'diskutil' && words.some((word) => word !== null && /^(?:erase|partition|zero)/i.test(word)))
    return certain('disk', command, 'formats a disk')
  if (program === 'dd' && words.some((word) => word?.startsWith('of=') && disk.test(word.slice(3))))
    return certain('disk', command, what)
  const tools = ['shred', 'fdisk', 'parted', 'sgdisk', 'cp', 'tee']
  const lists = words.includes('-l') || words.includes('print')
  return tools.includes(program) && !lists && words.some((word) => word !== null && disk.test(word))
    ? certain('disk', command, what)
    : null
}

export function seePermissions(command: ShellCommand): Sight | null {
  const { program, words, folder, via } = command
  if ((program !== 'chmod' && program !== 'chown' && program !== 'chgrp') || isContained(via)) return null
  const options = words.filter(({ prefix }) => /^-[A-Za-z]|^--/.test(prefix))
  if (!options.some(({ prefix }) => /^-[a-zA-Z]*R|^--recursive/.test(prefix))) return null
  const [mode, ...targets] = words.filter((word) => !options.includes(word))
  const opens =
    program !== 'chmod' || /^0?[0-7]?[0-7][0-7][2367]$|^[ugoa]*[ao]+[ugoa]*[+=][rx]*w|^\+[rx]*w/.test(mode?.value ?? '')
  const isWide = targets.some(
    (word) =>
      widthOf(word, folder) === 'wide' &&
      (program === 'chmod' || !/^\.?\/?\*?$/.test(word.value ?? '') || word.value === '/'),
  )
  return opens && isWide
    ? certain('open-permissions', command, 'changes permissions of everything below a wide folder')
    : null
}

export function seeTraces(command: ShellCommand): Sight | null {
  const { program, arguments: words, writes } = command
  const history = /(?:^|\/)\.(?:bash|zsh|sh|python|psql|mysql)_history$/
  const what = 'erases the record of commands'
  if (program === 'history' && words.some((word) => word !== null && /^-[a-z]*c/.test(word)))
    return certain('traces', command, what)
  if (writes.some((path) => path !== null && history.test(path))) return certain('traces', command, what)
  const isGone = ['rm', 'shred', 'truncate', 'unlink'].includes(program ?? '')
  return isGone && words.some((word) => word !== null && history.test(word)) ? certain('traces', command, what) : null
}

export function seeMachine(command: ShellCommand): Sight | null {
  const { program, arguments: words, via } = command
  if (isContained(via)) return null
  const line = [program, ...words].join(' ')
  const isOff =
    /^(?:shutdown|reboot|halt|poweroff)(?: (?!--help)|$)|^init [06]$|^systemctl (?:poweroff|reboot|halt)/.test(line)
  if (isOff) return certain('machine', command, 'switches the machine off')
  const ends = /^kill (?:-\S+ )*-1$|^kill -(?:9|KILL) -1/.test(line)
  if (ends) return certain('machine', command, 'ends every process of the person')
  const unprotects =
    /^(?:setenforce 0|ufw disable|iptables -F|nft flush ruleset|csrutil disable|spctl --master-disable)/.test(line)
  return unprotects ? certain('machine', command, 'switches protection of the machine off') : null
}
