CREATE TABLE `evidence_lines` (
	`organisation` text NOT NULL,
	`digest` text NOT NULL,
	`evidence_id` text NOT NULL,
	`commit` text NOT NULL,
	PRIMARY KEY(`organisation`, `digest`, `evidence_id`, `commit`)
);
--> statement-breakpoint
CREATE TABLE `pull_request_lines` (
	`organisation` text NOT NULL,
	`repository` text NOT NULL,
	`number` integer NOT NULL,
	`digest` text NOT NULL,
	PRIMARY KEY(`organisation`, `repository`, `number`, `digest`)
);
--> statement-breakpoint
CREATE INDEX `pull_request_lines_digest` ON `pull_request_lines` (`organisation`,`digest`);--> statement-breakpoint
ALTER TABLE `pull_request_commits` ADD `patch_id` text;--> statement-breakpoint
CREATE INDEX `pull_request_commits_patch` ON `pull_request_commits` (`organisation`,`patch_id`);