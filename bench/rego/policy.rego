# Thirty rules of five kinds, as organisations write them. Each has its twin in twin.ts.
package bench

deny contains {"msg": "`shutdown` was run", "events": command.events} if {
	some command in input.commands
	command.program == "shutdown"
}

deny contains {"msg": "`mkfs` was run", "events": command.events} if {
	some command in input.commands
	command.program == "mkfs"
}

deny contains {"msg": "`shred` was run", "events": command.events} if {
	some command in input.commands
	command.program == "shred"
}

deny contains {"msg": "`terraform` was run", "events": command.events} if {
	some command in input.commands
	command.program == "terraform"
}

deny contains {"msg": "`kubectl` was run", "events": command.events} if {
	some command in input.commands
	command.program == "kubectl"
}

deny contains {"msg": "`dropdb` was run", "events": command.events} if {
	some command in input.commands
	command.program == "dropdb"
}

deny contains {"msg": "`--no-verify` was used", "events": command.events} if {
	some command in input.commands
	"--no-verify" in command.arguments
}

deny contains {"msg": "`--force` was used", "events": command.events} if {
	some command in input.commands
	"--force" in command.arguments
}

deny contains {"msg": "`--mirror` was used", "events": command.events} if {
	some command in input.commands
	"--mirror" in command.arguments
}

deny contains {"msg": "`--yes` was used", "events": command.events} if {
	some command in input.commands
	"--yes" in command.arguments
}

deny contains {"msg": "`--auto-approve` was used", "events": command.events} if {
	some command in input.commands
	"--auto-approve" in command.arguments
}

deny contains {"msg": "`--delete` was used", "events": command.events} if {
	some command in input.commands
	"--delete" in command.arguments
}

deny contains {"msg": "`infra/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, "infra/")
}

deny contains {"msg": "`secrets/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, "secrets/")
}

deny contains {"msg": "`.github/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, ".github/")
}

deny contains {"msg": "`vendor/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, "vendor/")
}

deny contains {"msg": "`migrations/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, "migrations/")
}

deny contains {"msg": "`billing/` was changed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	some edit in event.edits
	startswith(edit.path, "billing/")
}

deny contains {"msg": "`mcp__mail` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__mail")
}

deny contains {"msg": "`mcp__chat` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__chat")
}

deny contains {"msg": "`mcp__files` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__files")
}

deny contains {"msg": "`mcp__web` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__web")
}

deny contains {"msg": "`mcp__shop` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__shop")
}

deny contains {"msg": "`mcp__bank` was called", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolCall"
	startswith(event.tool, "mcp__bank")
}

deny contains {"msg": "`BEGIN PRIVATE KEY` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "BEGIN PRIVATE KEY")
}

deny contains {"msg": "`ignore previous instructions` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "ignore previous instructions")
}

deny contains {"msg": "`password is` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "password is")
}

deny contains {"msg": "`segmentation fault` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "segmentation fault")
}

deny contains {"msg": "`out of memory` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "out of memory")
}

deny contains {"msg": "`permission denied` was printed", "event": event.id} if {
	some event in input.session.events
	event.kind == "toolResult"
	contains(event.output, "permission denied")
}
