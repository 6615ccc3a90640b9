CREATE TABLE `pipeline_owners` (
	`organisation` text NOT NULL,
	`issuer` text NOT NULL,
	`owner_id` integer NOT NULL,
	`repositories` text,
	`person` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`issuer`, `owner_id`)
);
--> statement-breakpoint
CREATE TABLE `used_identity_tokens` (
	`organisation` text NOT NULL,
	`digest` text PRIMARY KEY NOT NULL,
	`expires_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_identity_tokens_expiry` ON `used_identity_tokens` (`expires_at`);--> statement-breakpoint
ALTER TABLE `keys` ADD `expires_at` text;--> statement-breakpoint
ALTER TABLE `keys` ADD `published_at` text;--> statement-breakpoint
ALTER TABLE `keys` ADD `pipeline` text;--> statement-breakpoint
ALTER TABLE `organisations` ADD `sign_up` text DEFAULT 'invited' NOT NULL;--> statement-breakpoint
ALTER TABLE `people` ADD `github_id` integer;