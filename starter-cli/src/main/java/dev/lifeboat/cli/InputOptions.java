package dev.lifeboat.cli;

import dev.lifeboat.config.Runbook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The inputs of every runbook, as typed. */
final class InputOptions {

    @Option(names = "--cluster", paramLabel = "NAME", description = "Which cluster of the configuration.")
    @Nullable String cluster;

    @Option(
            names = "--target",
            paramLabel = "TIME|latest|immediate",
            description = "A time with an offset or Z; the end of the WAL; or where the base backup is consistent.")
    @Nullable String target;

    @Option(names = "--target-lsn", paramLabel = "LSN", description = "A place in the WAL, for example 0/3000148.")
    @Nullable String targetLsn;

    @Option(names = "--target-xid", paramLabel = "XID", description = "A transaction.")
    @Nullable String targetXid;

    @Option(names = "--target-name", paramLabel = "NAME", description = "A restore point.")
    @Nullable String targetName;

    @Option(names = "--exclusive", description = "Stop just before the target, not just after it.")
    boolean exclusive;

    @Option(
            names = "--timeline",
            paramLabel = "N|latest|current",
            description = "Along which timeline; else the newest in the archive.")
    @Nullable String timeline;

    @Option(
            names = "--backup",
            paramLabel = "ID|latest|s3://...|FILE",
            description = "Insist on this base backup; or the dump to restore or to verify.")
    @Nullable String backup;

    @Option(
            names = "--into",
            paramLabel = "DIR|NAME",
            description = "Recover beside the live cluster and leave it running; or the name of the restored database.")
    @Nullable String into;

    @Option(names = "--port", paramLabel = "N", description = "The port of the copy; with --into.")
    @Nullable Integer port;

    @Option(names = "--drill", description = "Rehearse on a copy: never touches the live cluster.")
    boolean drill;

    @Option(names = "--database", paramLabel = "NAME", description = "Which database of the cluster.")
    @Nullable String database;

    @Option(names = "--clean", description = "The restored database takes the place of the live one.")
    boolean clean;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Connections that load at once; else as many as there are cores.")
    @Nullable Integer jobs;

    @Option(names = "--tables", paramLabel = "A,B", description = "Restore only these tables.")
    @Nullable String tables;

    @Option(names = "--strict-sniff", description = "Refuse a dump whose name does not say what it is.")
    boolean strictSniff;

    @Option(names = "--allow-sql-fallback", description = "Run plain SQL too.")
    boolean allowSqlFallback;

    @Option(names = "--random", description = "Any of the retained dumps; of restore-verification.")
    boolean random;

    @Option(
            names = "--prove-checks",
            description = "Damage the restored copy on purpose and demand that each check turns red.")
    boolean proveChecks;

    @Option(names = "--keep", description = "Leave the throw-away server running for seven days.")
    boolean keep;

    /** As typed, for the report; the drill is its mode. */
    Map<String, String> typed() {
        Map<String, String> typed = new LinkedHashMap<>();
        put(typed, "cluster", cluster);
        put(typed, "target", target);
        put(typed, "target-lsn", targetLsn);
        put(typed, "target-xid", targetXid);
        put(typed, "target-name", targetName);
        put(typed, "exclusive", exclusive ? "true" : null);
        put(typed, "timeline", timeline);
        put(typed, "backup", backup);
        put(typed, "into", into);
        put(typed, "port", port == null ? null : port.toString());
        put(typed, "database", database);
        put(typed, "clean", clean ? "true" : null);
        put(typed, "jobs", jobs == null ? null : jobs.toString());
        put(typed, "tables", tables);
        put(typed, "strict-sniff", strictSniff ? "true" : null);
        put(typed, "allow-sql-fallback", allowSqlFallback ? "true" : null);
        put(typed, "random", random ? "true" : null);
        put(typed, "prove-checks", proveChecks ? "true" : null);
        put(typed, "keep", keep ? "true" : null);
        return typed;
    }

    /** An input that a runbook does not know would be taken for one that it obeys. */
    void refuseAllBut(Runbook runbook, Set<String> known, boolean mayDrill) {
        List<String> foreign = typed().keySet().stream()
                .filter(name -> !known.contains(name))
                .map(name -> "--" + name)
                .toList();
        if (!foreign.isEmpty() || drill && !mayDrill) {
            String first = foreign.isEmpty() ? "--drill" : foreign.get(0);
            throw CliFailure.usage(
                    runbook.id() + " takes no " + first, "'lifeboat show " + runbook.id() + "' tells what it takes");
        }
    }

    private static void put(Map<String, String> typed, String name, @Nullable String value) {
        if (value != null) {
            typed.put(name, value);
        }
    }
}
