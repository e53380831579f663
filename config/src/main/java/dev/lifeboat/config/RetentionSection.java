package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code retention:}. What is left out is as in the example of {@code interface.md}. */
final class RetentionSection {

    /** Nothing is deleted below this, whatever the file says. */
    private static final int FEWEST = 2;

    private RetentionSection() {}

    static Retention read(Optional<Section> section) {
        section.ifPresent(it -> it.allows(List.of("dumps", "base-backups", "wal", "grace"), List.of()));
        Optional<Section> dumps = section.flatMap(it -> it.section("dumps"));
        dumps.ifPresent(it -> it.allows(List.of("latest", "daily", "weekly", "monthly", "yearly"), List.of()));
        Optional<Section> backups = section.flatMap(it -> it.section("base-backups"));
        backups.ifPresent(it -> it.allows(List.of("latest", "window"), List.of()));
        Optional<Section> wal = section.flatMap(it -> it.section("wal"));
        wal.ifPresent(it -> it.allows(List.of("beyond-oldest"), List.of()));
        return new Retention(
                new Generations(
                        count(dumps, "latest", FEWEST, FEWEST),
                        count(dumps, "daily", 0, 30),
                        count(dumps, "weekly", 0, 8),
                        count(dumps, "monthly", 0, 12),
                        count(dumps, "yearly", 0, 3)),
                count(backups, "latest", FEWEST, FEWEST),
                duration(backups, "window", Duration.ofDays(30)),
                duration(wal, "beyond-oldest", Duration.ofDays(7)),
                duration(section, "grace", Duration.ofDays(1)));
    }

    private static Duration duration(Optional<Section> section, String key, Duration otherwise) {
        return section.map(it -> it.duration(key, otherwise)).orElse(otherwise);
    }

    private static int count(Optional<Section> section, String key, int least, int otherwise) {
        Long number = section.isEmpty() ? null : section.get().number(key);
        if (number == null) {
            return otherwise;
        }
        if (number < least || number > 10_000) {
            section.get().problem(key, "must be between " + least + " and 10000, not " + number);
            return otherwise;
        }
        return number.intValue();
    }
}
