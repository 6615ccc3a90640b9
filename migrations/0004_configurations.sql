CREATE TABLE `configurations` (
	`organisation` text NOT NULL,
	`evidence_id` text NOT NULL,
	`log_index` integer NOT NULL,
	`repository` text NOT NULL,
	`person` text NOT NULL,
	`key_id` text NOT NULL,
	`received_at` text NOT NULL,
	`commit` text,
	`hash` text NOT NULL,
	`tier` text NOT NULL,
	`agents` text NOT NULL,
	`drift` integer,
	PRIMARY KEY(`organisation`, `evidence_id`)
);
--> statement-breakpoint
CREATE INDEX `configurations_key` ON `configurations` (`organisation`,`key_id`,`repository`,`log_index`);--> statement-breakpoint
CREATE INDEX `configurations_received` ON `configurations` (`organisation`,`received_at`);