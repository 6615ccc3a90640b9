CREATE TABLE `attestations` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`framework` text NOT NULL,
	`control` text NOT NULL,
	`scope` text NOT NULL,
	`reason` text NOT NULL,
	`person` text NOT NULL,
	`revoked_by` text,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`revoked_at` text,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE INDEX `attestations_framework` ON `attestations` (`organisation`,`framework`,`created_at`);--> statement-breakpoint
CREATE INDEX `attestations_created` ON `attestations` (`organisation`,`created_at`);--> statement-breakpoint
CREATE INDEX `verdicts_policy` ON `verdicts` (`organisation`,`policy`,`result`);