/** Files that hold one thing and nothing else, in the form in which several agents write them. */
import { readJson } from './document.ts'
import { type Facts, factsOf } from './facts.ts'
import { readHookGroups, readHookLists, readMcpServers } from './read-settings.ts'

/** `{"mcpServers": {…}}` */
export function readServersFile(text: string): Facts | null {
  const document = readJson(text)
  return document === null ? null : factsOf({ mcpServers: readMcpServers(document, ['mcpServers']) })
}

/** `{"hooks": {event: [{command}]}}` */
export function readHookListsFile(text: string): Facts | null {
  const document = readJson(text)
  return document === null ? null : factsOf({ hooks: readHookLists(document) })
}

/** `{"hooks": {event: [{matcher, hooks: [{command}]}]}}` */
export function readHookGroupsFile(text: string): Facts | null {
  const document = readJson(text)
  return document === null ? null : factsOf({ hooks: readHookGroups(document) })
}
