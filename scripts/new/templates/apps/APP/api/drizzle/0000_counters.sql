CREATE TABLE "counters" (
	"name" text PRIMARY KEY NOT NULL,
	"count" bigint NOT NULL
);
