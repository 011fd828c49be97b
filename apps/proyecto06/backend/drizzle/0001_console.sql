CREATE TABLE "environments" (
	"name" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "images" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"name" text NOT NULL,
	"content_key" text NOT NULL,
	"outcome" text NOT NULL,
	CONSTRAINT "images_run_attempt_name_pk" PRIMARY KEY("run","attempt","name")
);
--> statement-breakpoint
CREATE TABLE "measure_days" (
	"day" date NOT NULL,
	"environment" text NOT NULL,
	"deployments" integer NOT NULL,
	"lead_times" integer[] NOT NULL,
	"releases" integer NOT NULL,
	"failed_releases" integer NOT NULL,
	"recoveries" integer[] NOT NULL,
	CONSTRAINT "measure_days_day_environment_pk" PRIMARY KEY("day","environment")
);
--> statement-breakpoint
CREATE TABLE "proofs" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "proofs_run_attempt_pk" PRIMARY KEY("run","attempt")
);
--> statement-breakpoint
CREATE TABLE "proven_apps" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"environment" text NOT NULL,
	"app" text NOT NULL,
	"proven_at" timestamp (3) with time zone NOT NULL,
	"digests" text NOT NULL,
	CONSTRAINT "proven_apps_run_attempt_app_pk" PRIMARY KEY("run","attempt","app")
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"environment" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"clean" boolean NOT NULL,
	"billable" integer NOT NULL,
	"unknown" integer NOT NULL,
	"kept" integer NOT NULL,
	"monthly_usd" double precision NOT NULL,
	"kept_monthly_usd" double precision NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "receipts_run_attempt_pk" PRIMARY KEY("run","attempt")
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"commit" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"images" jsonb NOT NULL,
	CONSTRAINT "releases_run_attempt_pk" PRIMARY KEY("run","attempt")
);
--> statement-breakpoint
CREATE TABLE "running_apps" (
	"environment" text NOT NULL,
	"app" text NOT NULL,
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"proven_at" timestamp (3) with time zone NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"first_run" bigint NOT NULL,
	"first_attempt" integer NOT NULL,
	CONSTRAINT "running_apps_environment_app_pk" PRIMARY KEY("environment","app")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"repository" text NOT NULL,
	"commit" text NOT NULL,
	"branch" text NOT NULL,
	"actor" text NOT NULL,
	"kind" text NOT NULL,
	"environment" text NOT NULL,
	"title" text NOT NULL,
	"author" text NOT NULL,
	"outcome" text NOT NULL,
	"committed_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"stage" text,
	"built" integer DEFAULT 0 NOT NULL,
	"adopted" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"proven_at" timestamp (3) with time zone,
	"released_at" timestamp (3) with time zone,
	"reverted_at" timestamp (3) with time zone,
	"recovered_at" timestamp (3) with time zone,
	"heard_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"report_hash" "bytea",
	"search" text GENERATED ALWAYS AS (lower(title || ' ' || author || ' ' || actor || ' ' || branch || ' ' || commit)) STORED,
	CONSTRAINT "runs_run_attempt_pk" PRIMARY KEY("run","attempt")
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "stages" (
	"run" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"stage" text NOT NULL,
	"detail" text NOT NULL,
	"outcome" text NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"failure" text,
	CONSTRAINT "stages_run_attempt_stage_detail_pk" PRIMARY KEY("run","attempt","stage","detail")
);
--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "images" ADD CONSTRAINT "images_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proven_apps" ADD CONSTRAINT "proven_apps_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "running_apps" ADD CONSTRAINT "running_apps_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stages" ADD CONSTRAINT "stages_run_attempt_runs_run_attempt_fk" FOREIGN KEY ("run","attempt") REFERENCES "public"."runs"("run","attempt") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_at" ON "events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "events_run" ON "events" USING btree ("run","attempt");--> statement-breakpoint
CREATE INDEX "proven_apps_newest" ON "proven_apps" USING btree ("environment","app","proven_at","digests");--> statement-breakpoint
CREATE INDEX "receipts_newest" ON "receipts" USING btree ("at","run","attempt");--> statement-breakpoint
CREATE INDEX "receipts_environment_newest" ON "receipts" USING btree ("environment","at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_newest" ON "runs" USING btree ("started_at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_environment_newest" ON "runs" USING btree ("environment","started_at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_author_newest" ON "runs" USING btree ("author","started_at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_outcome_newest" ON "runs" USING btree ("outcome","started_at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_kind_newest" ON "runs" USING btree ("kind","started_at","run","attempt");--> statement-breakpoint
CREATE INDEX "runs_search" ON "runs" USING gin ("search" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "runs_proven" ON "runs" USING btree ("environment","proven_at") WHERE proven_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "runs_released" ON "runs" USING btree ("environment","released_at") WHERE released_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "runs_failed" ON "runs" USING btree ("environment","finished_at") WHERE kind = 'delivery' AND outcome = 'failed';--> statement-breakpoint
CREATE INDEX "runs_torn_down" ON "runs" USING btree ("environment","finished_at") WHERE kind = 'teardown' AND outcome = 'succeeded';--> statement-breakpoint
CREATE INDEX "runs_title" ON "runs" USING btree ("environment","title","started_at");--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("heard_at") WHERE outcome IN ('waiting', 'running');