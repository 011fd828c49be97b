CREATE TABLE "counter" (
	"id" integer PRIMARY KEY NOT NULL,
	"floor" bigint NOT NULL,
	CONSTRAINT "counter_single" CHECK ("counter"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "visits" (
	"number" bigint PRIMARY KEY NOT NULL,
	"pod" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "visits_number_positive" CHECK ("visits"."number" > 0)
);
--> statement-breakpoint
CREATE INDEX "visits_at_pod" ON "visits" USING btree ("at","pod");