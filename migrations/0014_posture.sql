CREATE TABLE `pull_request_verdicts` (
	`organisation` text NOT NULL,
	`repository` text NOT NULL,
	`number` integer NOT NULL,
	`policy` text NOT NULL,
	`version` integer NOT NULL,
	`result` text NOT NULL,
	`day` text NOT NULL,
	PRIMARY KEY(`organisation`, `repository`, `number`, `policy`)
);
--> statement-breakpoint
CREATE INDEX `pull_request_verdicts_day` ON `pull_request_verdicts` (`organisation`,`day`,`repository`,`policy`,`result`);--> statement-breakpoint
CREATE INDEX `pull_request_verdicts_policy` ON `pull_request_verdicts` (`organisation`,`policy`,`result`,`day`);--> statement-breakpoint
ALTER TABLE `sessions` ADD `began_at` text GENERATED ALWAYS AS (coalesce("started_at", "received_at")) VIRTUAL;--> statement-breakpoint
CREATE INDEX `sessions_began` ON `sessions` (`organisation`,`began_at`,`id`);--> statement-breakpoint
ALTER TABLE `attestations` ADD `statement` text;--> statement-breakpoint
ALTER TABLE `attestations` ADD `log_index` integer;--> statement-breakpoint
-- Reports that are there already; a table that was just made is no reason to have seen nothing.
INSERT INTO pull_request_verdicts (organisation, repository, number, policy, version, result, day)
SELECT p.organisation, p.repository, p.number, v.value ->> 'policy', v.value ->> 'version', v.value ->> 'result', substr(p.reported_at, 1, 10)
FROM pull_requests p, json_each(p.report, '$.verdicts') v
WHERE p.report IS NOT NULL AND p.reported_at IS NOT NULL
ON CONFLICT DO NOTHING;
