/**
 * Property tests draw the same cases in every run, so that a red run names a defect of the change at hand and can be run
 * again. `npm run fuzz` is what looks further afield, each run with a seed of its own.
 */
import { configureGlobal } from 'fast-check'

configureGlobal({ seed: 20_261_122 })
