CREATE TABLE `line_keys` (
	`organisation` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`created_at` text NOT NULL
);
