CREATE TABLE `changes` (
	`organisation` text NOT NULL,
	`repository` text NOT NULL,
	`change` text NOT NULL,
	`has_session` integer NOT NULL,
	`log_index` integer NOT NULL,
	`day` text NOT NULL,
	`person` text NOT NULL,
	`ai` integer NOT NULL,
	`human` integer NOT NULL,
	`mixed` integer NOT NULL,
	`unknown` integer NOT NULL,
	PRIMARY KEY(`organisation`, `repository`, `change`)
);
--> statement-breakpoint
CREATE TABLE `contracts` (
	`organisation` text NOT NULL,
	`version` integer NOT NULL,
	`contract` text NOT NULL,
	`person` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`organisation`, `version`)
);
--> statement-breakpoint
CREATE TABLE `credentials` (
	`digest` text PRIMARY KEY NOT NULL,
	`organisation` text NOT NULL,
	`person` text NOT NULL,
	`kind` text NOT NULL,
	`role` text NOT NULL,
	`key_id` text,
	`created_at` text NOT NULL,
	`expires_at` text,
	`used_at` text,
	`revoked_at` text
);
--> statement-breakpoint
CREATE INDEX `credentials_key` ON `credentials` (`organisation`,`key_id`);--> statement-breakpoint
CREATE TABLE `daily_lines` (
	`organisation` text NOT NULL,
	`day` text NOT NULL,
	`repository` text NOT NULL,
	`person` text NOT NULL,
	`changes` integer NOT NULL,
	`ai` integer NOT NULL,
	`human` integer NOT NULL,
	`mixed` integer NOT NULL,
	`unknown` integer NOT NULL,
	PRIMARY KEY(`organisation`, `day`, `repository`, `person`)
);
--> statement-breakpoint
CREATE TABLE `daily_models` (
	`organisation` text NOT NULL,
	`day` text NOT NULL,
	`repository` text NOT NULL,
	`model` text NOT NULL,
	`sessions` integer NOT NULL,
	`priced` integer NOT NULL,
	`tokens` integer NOT NULL,
	`cost_micro_usd` integer NOT NULL,
	PRIMARY KEY(`organisation`, `day`, `repository`, `model`)
);
--> statement-breakpoint
CREATE TABLE `daily_sessions` (
	`organisation` text NOT NULL,
	`day` text NOT NULL,
	`repository` text NOT NULL,
	`person` text NOT NULL,
	`agent` text NOT NULL,
	`sessions` integer NOT NULL,
	`metered` integer NOT NULL,
	`priced` integer NOT NULL,
	`tokens` integer NOT NULL,
	`cost_micro_usd` integer NOT NULL,
	PRIMARY KEY(`organisation`, `day`, `repository`, `person`, `agent`)
);
--> statement-breakpoint
CREATE TABLE `daily_verdicts` (
	`organisation` text NOT NULL,
	`day` text NOT NULL,
	`repository` text NOT NULL,
	`policy` text NOT NULL,
	`result` text NOT NULL,
	`verdicts` integer NOT NULL,
	PRIMARY KEY(`organisation`, `day`, `repository`, `policy`, `result`)
);
--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`id` text PRIMARY KEY NOT NULL,
	`organisation` text,
	`message` text,
	`reason` text NOT NULL,
	`attempts` integer NOT NULL,
	`failed_at` text NOT NULL,
	`replayed_at` text
);
--> statement-breakpoint
CREATE INDEX `dead_letters_organisation` ON `dead_letters` (`organisation`,`failed_at`);--> statement-breakpoint
CREATE TABLE `evidence` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`session_id` text,
	`person` text NOT NULL,
	`key_id` text NOT NULL,
	`transcript` text,
	`log_index` integer NOT NULL,
	`receipt` text NOT NULL,
	`received_at` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`queued_at` text NOT NULL,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE INDEX `evidence_state` ON `evidence` (`state`,`queued_at`);--> statement-breakpoint
CREATE INDEX `evidence_session` ON `evidence` (`organisation`,`session_id`);--> statement-breakpoint
CREATE TABLE `installations` (
	`id` integer PRIMARY KEY NOT NULL,
	`organisation` text NOT NULL,
	`account` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `installations_organisation` ON `installations` (`organisation`);--> statement-breakpoint
CREATE TABLE `keys` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`person` text NOT NULL,
	`name` text NOT NULL,
	`spki` text NOT NULL,
	`created_at` text NOT NULL,
	`revoked_at` text,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE TABLE `observed_commits` (
	`organisation` text NOT NULL,
	`commit` text NOT NULL,
	`patch_id` text,
	`evidence_id` text NOT NULL,
	`log_index` integer NOT NULL,
	PRIMARY KEY(`organisation`, `commit`)
);
--> statement-breakpoint
CREATE INDEX `observed_commits_patch` ON `observed_commits` (`organisation`,`patch_id`);--> statement-breakpoint
CREATE TABLE `organisations` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `people` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`login` text NOT NULL,
	`role` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `people_login` ON `people` (`organisation`,`login`);--> statement-breakpoint
CREATE TABLE `session_commits` (
	`organisation` text NOT NULL,
	`session_id` text NOT NULL,
	`commit` text NOT NULL,
	`patch_id` text,
	`evidence_id` text NOT NULL,
	`log_index` integer NOT NULL,
	`ai` integer NOT NULL,
	`human` integer NOT NULL,
	`mixed` integer NOT NULL,
	`unknown` integer NOT NULL,
	PRIMARY KEY(`organisation`, `session_id`, `commit`)
);
--> statement-breakpoint
CREATE INDEX `session_commits_commit` ON `session_commits` (`organisation`,`commit`);--> statement-breakpoint
CREATE INDEX `session_commits_patch` ON `session_commits` (`organisation`,`patch_id`);--> statement-breakpoint
CREATE TABLE `session_files` (
	`organisation` text NOT NULL,
	`session_id` text NOT NULL,
	`path` text NOT NULL,
	`edits` integer NOT NULL,
	`lines_added` integer NOT NULL,
	`lines_removed` integer NOT NULL,
	PRIMARY KEY(`organisation`, `session_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `session_models` (
	`organisation` text NOT NULL,
	`session_id` text NOT NULL,
	`model` text NOT NULL,
	`requests` integer NOT NULL,
	`tokens` integer NOT NULL,
	`cost_micro_usd` integer,
	PRIMARY KEY(`organisation`, `session_id`, `model`)
);
--> statement-breakpoint
CREATE INDEX `session_models_model` ON `session_models` (`organisation`,`model`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`organisation` text NOT NULL,
	`id` text NOT NULL,
	`evidence_id` text NOT NULL,
	`log_index` integer NOT NULL,
	`person` text NOT NULL,
	`agent` text NOT NULL,
	`agent_version` text,
	`repository` text,
	`branches` text NOT NULL,
	`started_at` text,
	`ended_at` text,
	`received_at` text NOT NULL,
	`day` text NOT NULL,
	`duration_seconds` integer,
	`usage` text,
	`cost` text NOT NULL,
	`tokens` integer,
	`cost_micro_usd` integer,
	`files` integer NOT NULL,
	`capture` text NOT NULL,
	`transcript` text,
	PRIMARY KEY(`organisation`, `id`)
);
--> statement-breakpoint
CREATE INDEX `sessions_received` ON `sessions` (`organisation`,`received_at`);--> statement-breakpoint
CREATE TABLE `verdicts` (
	`organisation` text NOT NULL,
	`evidence_id` text NOT NULL,
	`policy` text NOT NULL,
	`version` integer NOT NULL,
	`contract_version` integer NOT NULL,
	`result` text NOT NULL,
	`verdict` text NOT NULL,
	PRIMARY KEY(`organisation`, `evidence_id`, `policy`, `version`)
);
--> statement-breakpoint
CREATE TABLE `pull_request_commits` (
	`organisation` text NOT NULL,
	`repository` text NOT NULL,
	`number` integer NOT NULL,
	`commit` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`organisation`, `repository`, `number`, `commit`)
);
--> statement-breakpoint
CREATE INDEX `pull_request_commits_commit` ON `pull_request_commits` (`organisation`,`commit`);--> statement-breakpoint
CREATE TABLE `pull_requests` (
	`organisation` text NOT NULL,
	`repository` text NOT NULL,
	`number` integer NOT NULL,
	`installation` integer NOT NULL,
	`title` text NOT NULL,
	`state` text NOT NULL,
	`head` text NOT NULL,
	`head_ref` text NOT NULL,
	`author` text,
	`updated_at` text NOT NULL,
	`report_head` text,
	`conclusion` text,
	`sessions` integer NOT NULL,
	`report` text,
	`reported_at` text,
	PRIMARY KEY(`organisation`, `repository`, `number`)
);
--> statement-breakpoint
CREATE INDEX `pull_requests_updated` ON `pull_requests` (`organisation`,`updated_at`);--> statement-breakpoint
CREATE INDEX `pull_requests_state` ON `pull_requests` (`state`,`updated_at`);--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`event` text NOT NULL,
	`payload` text,
	`state` text NOT NULL,
	`reason` text,
	`received_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`state`,`updated_at`);