CREATE TABLE `former_verdicts` (
	`organisation` text NOT NULL,
	`evidence_id` text NOT NULL,
	`policy` text NOT NULL,
	`version` integer NOT NULL,
	`contract_version` integer NOT NULL,
	`verdict` text NOT NULL,
	PRIMARY KEY(`organisation`, `evidence_id`, `policy`, `version`, `contract_version`)
);
--> statement-breakpoint
ALTER TABLE `waivers` ADD `log_index` integer;--> statement-breakpoint
ALTER TABLE `waivers` ADD `statement` text;--> statement-breakpoint
ALTER TABLE `waivers` ADD `ended_at` text;--> statement-breakpoint
CREATE INDEX `sessions_day` ON `sessions` (`organisation`,`day`);