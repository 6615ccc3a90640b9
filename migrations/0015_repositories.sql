CREATE TABLE `repositories` (
	`organisation` text NOT NULL,
	`forge` text NOT NULL,
	`id` integer NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`organisation`, `forge`, `id`)
);
--> statement-breakpoint
CREATE INDEX `repositories_name` ON `repositories` (`organisation`,`forge`,`name`);