CREATE TABLE `repository_names` (
	`organisation` text NOT NULL,
	`former` text NOT NULL,
	`present` text NOT NULL,
	PRIMARY KEY(`organisation`, `former`)
);
