package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rewrites {@code postgresql.auto.conf} for a recovered cluster. The file of the backup may carry an old primary's
 * address or the target of an earlier recovery; what else its owner set by ALTER SYSTEM stays.
 */
final class AutoConf {

    private static final Pattern SETTING = Pattern.compile("^\\s*([A-Za-z_][A-Za-z0-9_.$]*)\\s*(=|\\s).*");

    private static final Set<String> RECOVERY = Set.of(
            "restore_command",
            "archive_cleanup_command",
            "recovery_end_command",
            "recovery_min_apply_delay",
            "promote_trigger_file",
            "primary_conninfo",
            "primary_slot_name",
            "wal_receiver_create_temp_slot",
            "synchronized_standby_slots",
            "sync_replication_slots");

    private static final Set<String> ARCHIVE =
            Set.of("archive_mode", "archive_command", "archive_library", "archive_timeout");

    static final String FILE = "postgresql.auto.conf";

    private AutoConf() {}

    /** Whether two data directories were given the same by ALTER SYSTEM, but for archiving and recovery. */
    static boolean sameSettings(Path one, Path other) throws IOException {
        return settings(one.resolve(FILE)).equals(settings(other.resolve(FILE)));
    }

    private static Set<String> settings(Path file) throws IOException {
        return Files.exists(file)
                ? forCopy(Files.readString(file, StandardCharsets.UTF_8))
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /** Without recovery, replication and archive settings, for a copy that must never act as the original. */
    static String forCopy(String text) {
        return without(text, true);
    }

    /** Without recovery and replication settings; archiving as its owner set it. */
    static String forAccepted(String text) {
        return without(text, false);
    }

    private static String without(String text, boolean archiveToo) {
        List<String> kept = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = SETTING.matcher(line);
            if (!matcher.matches() || !isDropped(matcher.group(1).toLowerCase(Locale.ROOT), archiveToo)) {
                kept.add(line);
            }
        }
        return String.join("\n", kept);
    }

    private static boolean isDropped(String name, boolean archiveToo) {
        return RECOVERY.contains(name) || name.startsWith("recovery_target") || archiveToo && ARCHIVE.contains(name);
    }
}
