package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The settings of a throw-away server, on its command line, which wins over every file and over {@code ALTER SYSTEM}:
 * reachable by its socket alone, acting on nothing, and generous for loading, since nothing of it outlives a crash.
 */
final class ThrowawaySettings {

    /** Extensions that cannot be made, or whose tables cannot be filled, unless their library was preloaded. */
    private static final Map<String, String> LIBRARIES = Map.of(
            "timescaledb", "timescaledb",
            "citus", "citus",
            "pg_cron", "pg_cron",
            "pglogical", "pglogical",
            "pgaudit", "pgaudit",
            "pg_tde", "pg_tde",
            "orioledb", "orioledb");

    private static final int WORKERS = 8;

    private ThrowawaySettings() {}

    /** @param extensions of the dump */
    static Map<String, String> of(RecoveryWorkspace workspace, List<Extension> extensions) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        place(settings, workspace);
        harmless(settings, libraries(extensions));
        loading(settings, workspace.root());
        return settings;
    }

    static String libraries(List<Extension> extensions) {
        return extensions.stream()
                .flatMap(extension -> Optional.ofNullable(LIBRARIES.get(extension.name())).stream())
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static void place(Map<String, String> settings, RecoveryWorkspace workspace) {
        settings.put("config_file", workspace.copy().resolve("postgresql.conf").toString());
        settings.put("data_directory", workspace.copy().toString());
        settings.put("hba_file", CopyAccess.hbaFile(workspace).toString());
        settings.put("ident_file", CopyAccess.identFile(workspace).toString());
        settings.put("external_pid_file", "");
        settings.put("listen_addresses", "");
        settings.put("port", Integer.toString(RecoverySettings.PORT));
        settings.put("unix_socket_directories", workspace.socketFolder().toString());
        settings.put("unix_socket_permissions", "0700");
        settings.put("ssl", "off");
    }

    private static void harmless(Map<String, String> settings, String libraries) {
        settings.put("logging_collector", "off");
        settings.put("log_destination", "stderr");
        settings.put("log_min_messages", "warning");
        settings.put("log_line_prefix", "%m [%p] ");
        settings.put("log_timezone", "UTC");
        settings.put("log_statement", "none");
        settings.put("log_min_duration_statement", "-1");
        settings.put("lc_messages", "C");
        settings.put("shared_preload_libraries", libraries);
        settings.put("session_preload_libraries", "");
        settings.put("local_preload_libraries", "");
        // What a library schedules, jobs above all, must not begin in a copy; without one, workers sort for indexes
        // only.
        settings.put("max_worker_processes", libraries.isEmpty() ? Integer.toString(WORKERS) : "0");
        settings.put("max_logical_replication_workers", "0");
        settings.put("archive_mode", "off");
        settings.put("max_wal_senders", "0");
        settings.put("wal_level", "minimal");
        settings.put("synchronous_standby_names", "");
        settings.put("restart_after_crash", "off");
        settings.put("max_connections", "40");
        settings.put("max_prepared_transactions", "0");
        // A damage locks every table there is, and its indexes, in one transaction.
        settings.put("max_locks_per_transaction", "2048");
        // Tablespaces of the original are folders of this cluster.
        settings.put("allow_in_place_tablespaces", "on");
    }

    private static void loading(Map<String, String> settings, Path where) throws IOException {
        // What is loaded passes through once; a live cluster on this host may want the memory.
        settings.put("shared_buffers", Math.min(256, HostResources.sharedBuffersMb()) + "MB");
        settings.put("maintenance_work_mem", "64MB");
        settings.put("max_parallel_maintenance_workers", "2");
        settings.put("huge_pages", "try");
        settings.put("fsync", "off");
        settings.put("full_page_writes", "off");
        settings.put("synchronous_commit", "off");
        settings.put("autovacuum", "off");
        settings.put("checkpoint_timeout", "1h");
        settings.put("max_wal_size", HostResources.maxWalMb(where) + "MB");
        settings.put("jit", "off");
    }
}
