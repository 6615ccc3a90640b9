CREATE TABLE `erased_sessions` (
	`organisation` text NOT NULL,
	`session_id` text NOT NULL,
	`erased_at` text NOT NULL,
	`erased_by` text NOT NULL,
	`person` text NOT NULL,
	PRIMARY KEY(`organisation`, `session_id`)
);
--> statement-breakpoint
CREATE TABLE `pending_erasures` (
	`id` text PRIMARY KEY NOT NULL,
	`organisation` text NOT NULL,
	`transcript` text NOT NULL,
	`erased_at` text NOT NULL,
	`erased_by` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `retention` (
	`organisation` text PRIMARY KEY NOT NULL,
	`days` integer,
	`checked_at` text
);
--> statement-breakpoint
CREATE TABLE `transcript_reads` (
	`organisation` text NOT NULL,
	`session_id` text NOT NULL,
	`person` text NOT NULL,
	`credential` text NOT NULL,
	`hour` text NOT NULL,
	`read_at` text NOT NULL,
	`route` text NOT NULL,
	PRIMARY KEY(`organisation`, `session_id`, `person`, `credential`, `hour`)
);
--> statement-breakpoint
ALTER TABLE `evidence` ADD `erased_at` text;--> statement-breakpoint
ALTER TABLE `evidence` ADD `erased_by` text;--> statement-breakpoint
CREATE INDEX `evidence_transcript` ON `evidence` (`organisation`,`transcript`);--> statement-breakpoint
CREATE INDEX `evidence_kept` ON `evidence` (`organisation`,`received_at`) WHERE transcript is not null and erased_at is null;