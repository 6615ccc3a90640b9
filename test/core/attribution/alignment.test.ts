import { describe, expect, it } from 'vitest'
import { align } from '#core/attribution/alignment.ts'

describe('which lines were kept', () => {
  it('does not let a short line alone decide what was kept', () => {
    const block = ['}', 'return one', 'return one', '}']
    const changes = align([...block, 'end'], ['end', 'made()', ...block])
    expect(changes).toEqual([
      { oldStart: 0, oldEnd: 0, newStart: 0, newEnd: 2 },
      { oldStart: 4, oldEnd: 5, newStart: 6, newEnd: 6 },
    ])
  })
})
