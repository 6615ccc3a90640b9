CREATE TABLE `waivers` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`policy` text NOT NULL,
	`scope` text NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`requested_by` text NOT NULL,
	`approved_by` text,
	`revoked_by` text,
	`created_at` text NOT NULL,
	`approved_at` text,
	`revoked_at` text,
	`expires_at` text NOT NULL,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE INDEX `waivers_state` ON `waivers` (`organisation`,`state`,`expires_at`);--> statement-breakpoint
CREATE INDEX `waivers_created` ON `waivers` (`organisation`,`created_at`);