package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.dumprestore.DumpChoice;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestorePlanning;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Judges the inputs of a restore of a dump from words and configuration alone. */
final class DumpRestoreInputs {

    private static final Set<String> KNOWN = Set.of(
            "cluster", "database", "backup", "into", "clean", "jobs", "tables", "strict-sniff", "allow-sql-fallback");
    private static final int MOST_JOBS = 64;
    private static final Pattern ID = Pattern.compile("[^/\\s][^/]*");

    private final InputOptions typed;

    DumpRestoreInputs(InputOptions typed) {
        this.typed = typed;
    }

    RunOrder order(Runbook runbook, PostgresCluster cluster, RunRequest request) {
        typed.refuseAllBut(runbook, KNOWN, false);
        String database = database(cluster);
        if (typed.clean && typed.into != null) {
            throw CliFailure.usage(
                    "--into and --clean exclude each other",
                    "--into NAME restores beside the live database; --clean puts the restored one into its place");
        }
        if (typed.clean && typed.tables != null) {
            throw CliFailure.usage(
                    "--clean and --tables exclude each other",
                    "a database with some of its tables cannot take the place of the whole; leave --clean out, and copy the rows");
        }
        if (typed.jobs != null && (typed.jobs < 1 || typed.jobs > MOST_JOBS)) {
            throw CliFailure.usage(
                    "--jobs " + typed.jobs + " is not between 1 and " + MOST_JOBS,
                    "leave it out for one for each core");
        }
        if (typed.into != null) {
            checkName("--into", typed.into);
            if (typed.into.equals(database)) {
                throw CliFailure.usage(
                        "--into '%s' is the database itself: nothing is ever restored over one".formatted(typed.into),
                        "give another name, or --clean to put the restored one into its place after it was checked");
            }
        }
        return new RunOrder(
                runbook,
                name(runbook, cluster, database),
                RunMode.RECOVERY,
                cluster.name(),
                typed.clean ? Placement.IN_PLACE : Placement.INTO,
                request.objectives(),
                new DumpRestoreInput(
                        request,
                        cluster.name(),
                        database,
                        backup(),
                        typed.into,
                        typed.clean,
                        typed.jobs == null ? 0 : typed.jobs,
                        tables(),
                        typed.strictSniff,
                        typed.allowSqlFallback));
    }

    static String name(Runbook runbook, PostgresCluster cluster, String database) {
        return "%s/%s.%s".formatted(runbook.id(), cluster.name(), database);
    }

    /** Those that the configuration names; a run of another one is found where Temporal can be searched. */
    static Set<String> configured(PostgresCluster cluster) {
        Set<String> databases = new LinkedHashSet<>(List.of(cluster.database()));
        databases.addAll(cluster.databases());
        return databases;
    }

    private String database(PostgresCluster cluster) {
        if (typed.database == null) {
            throw CliFailure.usage(
                    "dump-restore needs --database",
                    "the configuration of %s names: %s"
                            .formatted(cluster.name(), String.join(", ", configured(cluster))));
        }
        checkName("--database", typed.database);
        return typed.database;
    }

    private static void checkName(String option, String name) {
        if (name.isBlank()
                || name.indexOf('\0') >= 0
                || name.getBytes(StandardCharsets.UTF_8).length > DumpRestorePlanning.LONGEST_NAME) {
            throw CliFailure.usage(
                    "%s '%s' is no name of a database: one has between 1 and %d bytes"
                            .formatted(option, name, DumpRestorePlanning.LONGEST_NAME),
                    "give it as 'select datname from pg_database' shows it");
        }
        if (option.equals("--database") && (name.contains("/") || name.contains("@"))) {
            throw CliFailure.usage(
                    "--database '%s' cannot be a part of a run's name: it has a slash or an @ in it".formatted(name),
                    "restore it by hand: the runbook's last section tells how");
        }
    }

    private String backup() {
        @Nullable String asked = typed.backup;
        if (asked == null) {
            return DumpChoice.LATEST;
        }
        if (asked.startsWith("s3://")) {
            if (asked.length() == 5 || asked.endsWith("/")) {
                throw CliFailure.usage(
                        "--backup '" + asked + "' names no object",
                        "give the whole address of a dump in the configured bucket");
            }
            return asked;
        }
        if (!asked.startsWith("/") && !ID.matcher(asked).matches()) {
            throw CliFailure.usage(
                    "--backup '" + asked + "' is neither an ID nor an absolute path",
                    "a file is named by its absolute path on the worker's host: the worker has another working folder");
        }
        return asked;
    }

    private List<String> tables() {
        if (typed.tables == null) {
            return List.of();
        }
        List<String> tables =
                Arrays.stream(typed.tables.split(",", -1)).map(String::strip).toList();
        if (tables.stream().anyMatch(String::isEmpty)) {
            throw CliFailure.usage(
                    "--tables '" + typed.tables + "' has an empty name in it",
                    "for example --tables orders,shop.items");
        }
        return tables;
    }
}
