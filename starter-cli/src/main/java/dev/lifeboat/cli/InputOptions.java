package dev.lifeboat.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The inputs of every runbook, as typed. */
final class InputOptions {

    @Option(names = "--cluster", paramLabel = "NAME", description = "Which cluster of the configuration.")
    @Nullable String cluster;

    @Option(names = "--database", paramLabel = "NAME", description = "Which database of the cluster.")
    @Nullable String database;

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

    @Option(names = "--backup", paramLabel = "ID", description = "Insist on this base backup.")
    @Nullable String backup;

    @Option(names = "--into", paramLabel = "DIR", description = "Recover beside the live cluster and leave it running.")
    @Nullable String into;

    @Option(names = "--port", paramLabel = "N", description = "The port of the copy; with --into.")
    @Nullable Integer port;

    @Option(names = "--drill", description = "Rehearse on a copy: never touches the live cluster.")
    boolean drill;

    /** As typed, for the report; the drill is its mode. */
    Map<String, String> typed() {
        Map<String, String> typed = new LinkedHashMap<>();
        put(typed, "cluster", cluster);
        put(typed, "database", database);
        put(typed, "target", target);
        put(typed, "target-lsn", targetLsn);
        put(typed, "target-xid", targetXid);
        put(typed, "target-name", targetName);
        put(typed, "exclusive", exclusive ? "true" : null);
        put(typed, "timeline", timeline);
        put(typed, "backup", backup);
        put(typed, "into", into);
        put(typed, "port", port == null ? null : port.toString());
        return typed;
    }

    private static void put(Map<String, String> typed, String name, @Nullable String value) {
        if (value != null) {
            typed.put(name, value);
        }
    }
}
