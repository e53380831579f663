package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The settings a copy is recovered with. All are given on the server's command line, which wins over every file, so the
 * files of the copy stay its owner's and nothing of ours has to be taken out of them later.
 */
final class RecoverySettings {

    static final int PORT = 5432;

    private static final DateTimeFormatter TARGET_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss.SSSSSS'+00'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final List<String> TARGETS = List.of(
            "recovery_target",
            "recovery_target_time",
            "recovery_target_lsn",
            "recovery_target_xid",
            "recovery_target_name");
    private static final List<String> CAPACITY =
            List.of("max_connections", "max_prepared_transactions", "max_locks_per_transaction");

    private RecoverySettings() {}

    /**
     * @param configFile the copy's {@code postgresql.conf}
     * @param libraries  to be preloaded, empty for none
     * @param sharedBuffersMb by the free memory of this host
     * @param maxWalMb  how much WAL may lie between two restart points
     */
    record Surroundings(
            RecoveryWorkspace workspace,
            Path configFile,
            Path socketFolder,
            ControlFile control,
            String libraries,
            long sharedBuffersMb,
            long maxWalMb) {}

    /** Name and value in the order in which they must be given. */
    static Map<String, String> of(RecoveryPlan plan, Surroundings in) {
        Map<String, String> settings = new LinkedHashMap<>();
        place(settings, in);
        harmless(settings, in, plan);
        archiving(settings, plan);
        speed(settings, in);
        target(settings, plan, in.workspace());
        return settings;
    }

    /** Of these, the limits that must not be smaller than the primary's were at any point of the replayed WAL. */
    static Map<String, String> capacity(Map<String, String> settings) {
        Map<String, String> limits = new LinkedHashMap<>(settings);
        limits.keySet().retainAll(CAPACITY);
        return limits;
    }

    static List<String> asArguments(Map<String, String> settings) {
        List<String> arguments = new ArrayList<>();
        settings.forEach((name, value) -> {
            arguments.add("-c");
            arguments.add(name + "=" + value);
        });
        return arguments;
    }

    private static void place(Map<String, String> settings, Surroundings in) {
        RecoveryWorkspace workspace = in.workspace();
        settings.put("config_file", in.configFile().toString());
        settings.put("data_directory", workspace.copy().toString());
        settings.put("hba_file", CopyAccess.hbaFile(workspace).toString());
        settings.put("ident_file", CopyAccess.identFile(workspace).toString());
        settings.put("external_pid_file", "");
        settings.put("listen_addresses", "");
        settings.put("port", Integer.toString(PORT));
        settings.put("unix_socket_directories", in.socketFolder().toString());
        settings.put("unix_socket_permissions", "0700");
        settings.put("ssl", "off");
    }

    private static void harmless(Map<String, String> settings, Surroundings in, RecoveryPlan plan) {
        settings.put("logging_collector", "off");
        settings.put("log_destination", "stderr");
        settings.put("log_min_messages", "warning");
        settings.put("log_line_prefix", "%m [%p] ");
        settings.put("log_timezone", "UTC");
        settings.put("log_statement", "none");
        settings.put("log_min_duration_statement", "-1");
        settings.put("lc_messages", "C");
        settings.put("hot_standby", "off");
        settings.put("max_worker_processes", "0");
        settings.put("max_wal_senders", "0");
        settings.put("autovacuum", "off");
        settings.put("synchronous_standby_names", "");
        settings.put("shared_preload_libraries", in.libraries());
        settings.put("session_preload_libraries", "");
        settings.put("local_preload_libraries", "");
        settings.put("restart_after_crash", "off");
        settings.put("primary_conninfo", "");
        settings.put("primary_slot_name", "");
        settings.put("archive_cleanup_command", "");
        settings.put("recovery_end_command", "");
        settings.put("recovery_min_apply_delay", "0");
        if (plan.backup().serverVersion() < 160_000) {
            settings.put("promote_trigger_file", "");
        }
    }

    /**
     * A copy that will take the live cluster's place marks its new timeline's history for the archive, which needs
     * archiving to be on, and sends nothing, which needs a command that refuses.
     */
    private static void archiving(Map<String, String> settings, RecoveryPlan plan) {
        boolean accepted = plan.placement() == Placement.IN_PLACE;
        settings.put("archive_mode", accepted ? "on" : "off");
        settings.put("archive_command", accepted ? "exit 1" : "");
        if (plan.backup().serverVersion() >= 150_000) {
            settings.put("archive_library", "");
        }
    }

    private static void speed(Map<String, String> settings, Surroundings in) {
        ControlFile control = in.control();
        settings.put("max_connections", Integer.toString(control.setting("max_connections")));
        // Not more than the primary had: it is in the WAL of the new timeline, and a hot standby with less would stop
        // there.
        settings.put("max_prepared_transactions", Integer.toString(control.setting("max_prepared_xacts")));
        settings.put("max_locks_per_transaction", Integer.toString(control.setting("max_locks_per_xact")));
        settings.put("shared_buffers", in.sharedBuffersMb() + "MB");
        settings.put("huge_pages", "try");
        // The copy is disposable until makeDurable: a crash of the host throws it away.
        settings.put("fsync", "off");
        settings.put("checkpoint_timeout", "30min");
        settings.put("max_wal_size", in.maxWalMb() + "MB");
    }

    /** Setting one target clears the others, so ours comes last. */
    private static void target(Map<String, String> settings, RecoveryPlan plan, RecoveryWorkspace workspace) {
        settings.put("restore_command", RestoreShim.restoreCommand(workspace));
        settings.put("recovery_target_timeline", Integer.toString(plan.timeline()));
        settings.put("recovery_target_action", "promote");
        settings.put("recovery_target_inclusive", plan.exclusive() ? "off" : "on");
        TARGETS.forEach(name -> settings.put(name, ""));
        String name = targetSetting(plan.target());
        if (!name.isEmpty()) {
            settings.remove(name);
            settings.put(name, targetValue(plan.target()));
        }
    }

    private static String targetSetting(RecoveryTarget target) {
        if (target instanceof RecoveryTarget.AtTime) {
            return "recovery_target_time";
        }
        if (target instanceof RecoveryTarget.AtLsn) {
            return "recovery_target_lsn";
        }
        if (target instanceof RecoveryTarget.AtXid) {
            return "recovery_target_xid";
        }
        if (target instanceof RecoveryTarget.AtRestorePoint) {
            return "recovery_target_name";
        }
        return target instanceof RecoveryTarget.Immediate ? "recovery_target" : "";
    }

    private static String targetValue(RecoveryTarget target) {
        return target instanceof RecoveryTarget.AtTime at ? time(at.time()) : target.asTyped();
    }

    /** PostgreSQL keeps microseconds; what is finer is cut off, so that no later commit is let in. */
    private static String time(Instant time) {
        return TARGET_TIME.format(time);
    }
}
