CREATE TABLE `former_verdicts` (
	`organisation` text NOT NULL,
	`evidence_id` text NOT NULL,
	`policy` text NOT NULL,
	`version` integer NOT NULL,
	`contract_version` integer NOT NULL,
	`result` text NOT NULL,
	`findings` integer NOT NULL,
	PRIMARY KEY(`organisation`, `evidence_id`, `policy`, `version`, `contract_version`)
);
