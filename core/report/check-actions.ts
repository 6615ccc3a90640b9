/** Buttons on a completed check: what whoever may write can ask for, without deciding anything. */
import type { CheckAction } from '../ports.ts'
import type { Report } from './report.ts'

/** GitHub gives it back when the button is clicked. */
export const EVALUATE = 'evaluate'

/**
 * GitHub takes three at most, with 20 characters in a label, 40 in a description and 20 in an identifier (REST, "Create a
 * check run"). There is one: a waiver needs a reason and somebody else's approval, neither of which a button can give.
 */
const evaluate: CheckAction = {
  label: 'Re-evaluate',
  description: 'Judge the same evidence anew',
  identifier: EVALUATE,
}

/** Where there is no evidence there is nothing to judge anew. */
export function checkActions({ sessions }: Pick<Report, 'sessions'>): readonly CheckAction[] {
  return sessions.length === 0 ? [] : [evaluate]
}
