package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Carries the archive settings of the old data directory over to the recovered one, whose base backup may be older. */
record ArchiveSettings(LiveContext context) {

    private static final Pattern LINE =
            Pattern.compile("^\\s*(archive_mode|archive_command|archive_library|archive_timeout)\\s*=.*$");

    /** Changes nothing where the old directory has none, or is not there. */
    void carryOver(Path before) throws IOException {
        Path old = before.resolve("postgresql.auto.conf");
        Path now = context.dataDirectory().resolve("postgresql.auto.conf");
        if (!Files.exists(old)) {
            return;
        }
        String text = Files.exists(now) ? Files.readString(now, StandardCharsets.UTF_8) : "";
        String merged = merge(Files.readString(old, StandardCharsets.UTF_8), text);
        if (!merged.equals(text)) {
            FileTrees.replace(now, merged, context.user());
        }
    }

    /** Each archive setting of the old file replaces the one of the new file. */
    static String merge(String old, String now) {
        Map<String, String> lines = new LinkedHashMap<>();
        old.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                lines.put(matcher.group(1), line);
            }
        });
        if (lines.isEmpty()) {
            return now;
        }
        StringBuilder merged = new StringBuilder();
        now.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches() || !lines.containsKey(matcher.group(1))) {
                merged.append(line).append('\n');
            }
        });
        lines.values().forEach(line -> merged.append(line).append('\n'));
        return merged.toString();
    }
}
