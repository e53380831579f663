package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Whether every database that is to be dumped has a dump of today. */
final class DumpExamination {

    /** A daily dump and an hour for it to be taken. */
    private static final Duration OLDEST = Duration.ofHours(25);

    /** A database that has had none for longer than this is taken for one that was given up. */
    private static final Duration FORGOTTEN = Duration.ofDays(8);

    private final ClusterAccess access;
    private final boolean scheduled;
    private final Examinations found;

    /** @param scheduled whether the cluster is dumped by a schedule */
    DumpExamination(ClusterAccess access, boolean scheduled, Examinations found) {
        this.access = access;
        this.scheduled = scheduled;
        this.found = found;
    }

    /** Says nothing of a cluster that nobody has ever dumped, or wants to. */
    void run() {
        Map<String, Instant> newest = new TreeMap<>();
        Optional<RecoveryFailure> unread = read(newest);
        if (unread.isPresent() || scheduled || !newest.isEmpty()) {
            found.examine("newest dumps", "each at most " + OLDEST.toHours() + " h old", () -> {
                unread.ifPresent(why -> {
                    throw why;
                });
                return age(access.cluster().name(), access.cluster().databases(), newest, Instant.now());
            });
        }
    }

    private Optional<RecoveryFailure> read(Map<String, Instant> newest) {
        try {
            access.dumps().newest().forEach(dump -> newest.put(dump.database(), dump.startedAt()));
            return Optional.empty();
        } catch (RecoveryFailure e) {
            return Optional.of(e);
        }
    }

    /** @param wanted the databases that are to be dumped; empty for all there are */
    static Seen age(String cluster, List<String> wanted, Map<String, Instant> newest, Instant now) {
        List<String> databases = wanted.isEmpty()
                ? newest.keySet().stream()
                        .filter(each -> isYoung(newest, each, FORGOTTEN, now))
                        .toList()
                : wanted;
        List<String> words = new ArrayList<>();
        boolean right = !databases.isEmpty();
        for (String database : databases) {
            Instant taken = newest.get(database);
            words.add(
                    taken == null
                            ? database + " has none"
                            : "%s %d h old"
                                    .formatted(
                                            database,
                                            Duration.between(taken, now).toHours()));
            right &= isYoung(newest, database, OLDEST, now);
        }
        return new Seen(
                words.isEmpty()
                        ? "there is none of the last %d days".formatted(FORGOTTEN.toDays())
                        : String.join(", ", words),
                right,
                "'lifeboat start daily-dump --cluster %s', once a day".formatted(cluster));
    }

    private static boolean isYoung(Map<String, Instant> newest, String database, Duration limit, Instant now) {
        Instant taken = newest.get(database);
        return taken != null && Duration.between(taken, now).compareTo(limit) <= 0;
    }
}
