/** `stemma login`: this machine gets a key that is known as its person's. */
import { z } from 'zod'
import { signIn } from '../identity/device-login.ts'
import { serverFor } from '../identity/server.ts'
import { plain } from '../io/terminal.ts'
import { enrol } from '../setup/enrol.ts'
import { defineCommand } from './command.ts'

export const login = defineCommand({
  name: 'login',
  summary: 'enrol a key of this machine, by signing in with GitHub or with an enrolment token',
  arguments: [],
  options: [
    { flags: '--server <url>', description: 'the platform (default: that of .stemma.yml)' },
    { flags: '--token <token>', description: 'an enrolment token in place of GitHub (or STEMMA_ENROLMENT_TOKEN)' },
    { flags: '--ssh-key <file>', description: 'sign with this SSH key, in place of a key of the machine’s own' },
    { flags: '--organisation <name>', description: 'id or name, for who belongs to several' },
    { flags: '--new-key', description: 'make a new key; the present one stays valid until it is revoked' },
  ],
  examples: [
    { command: 'stemma login', effect: 'open GitHub, enter the code that is shown, and the key is enrolled' },
    { command: 'stemma login --token TOKEN', effect: 'without GitHub, with a token of an administrator' },
    { command: 'stemma login --ssh-key ~/.ssh/id_ed25519.pub', effect: 'evidence is signed by the SSH key' },
  ],
  parameters: z.object({
    server: z.string().optional(),
    token: z.string().min(1).optional(),
    sshKey: z.string().min(1).optional(),
    organisation: z.string().min(1).max(100).optional(),
    newKey: z.boolean().default(false),
  }),
  run: async ({ server: asked, token: given, sshKey, organisation, newKey }, context) => {
    const server = await serverFor(asked, context)
    const token = given ?? context.environment['STEMMA_ENROLMENT_TOKEN']
    const key =
      token === undefined
        ? await signIn({ server, newKey, sshKey, organisation }, context)
        : await enrol(context, { server, token, newKey, ...(sshKey === undefined ? {} : { sshKey }) })
    const { enrolment, keyId, name } = key
    if (enrolment === null) throw new TypeError('an enrolled key has an enrolment')
    const { terminal } = context
    if (context.json) {
      const { organisation: own, person } = enrolment
      const kind = key.sshKey === undefined ? 'device' : 'ssh'
      terminal.print(JSON.stringify({ server, organisation: own, person, key: { id: keyId, name, kind } }, null, 2))
    } else {
      const signer = key.sshKey === undefined ? 'key' : `SSH key ${plain(key.sshKey)}, as`
      terminal.print(
        `${terminal.mark('ok')} ${signer} ${plain(name)} enrolled · ${plain(enrolment.organisation.name)} · ${plain(enrolment.person.name)}`,
      )
    }
    return 0
  },
})
