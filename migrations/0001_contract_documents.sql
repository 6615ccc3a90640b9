ALTER TABLE `contracts` ADD `documents` text;--> statement-breakpoint
ALTER TABLE `contracts` ADD `sources` text;