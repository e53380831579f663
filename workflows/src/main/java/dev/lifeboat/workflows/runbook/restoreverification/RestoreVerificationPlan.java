package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which dump is restored, and where. A pure function of what was asked and of the facts. */
public final class RestoreVerificationPlan {

    static final Duration KEPT_FOR = Duration.ofDays(7);

    /** Tables with their indexes and what sorting them takes, against the archive; and a new cluster with its log. */
    private static final int ROOM_FACTOR = 3;

    private static final long ROOM_SPARE = 256L << 20;
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private record Choice(Dump dump, String why) {}

    private final RestoreVerificationInput input;
    private final VerificationFacts facts;
    private final List<RecoveryFailure> refusals = new ArrayList<>();

    private RestoreVerificationPlan(RestoreVerificationInput input, VerificationFacts facts) {
        this.input = input;
        this.facts = facts;
    }

    public static PlannedVerification decide(RestoreVerificationInput input, VerificationFacts facts) {
        return new RestoreVerificationPlan(input, facts).decide();
    }

    private PlannedVerification decide() {
        Choice choice = choose();
        if (choice == null) {
            return new PlannedVerification(null, List.copyOf(refusals));
        }
        Dump dump = choice.dump();
        String programs = programs(dump);
        requireRoom(dump);
        if (programs == null || !refusals.isEmpty()) {
            return new PlannedVerification(null, List.copyOf(refusals));
        }
        return new PlannedVerification(
                new VerificationPlan(
                        input.cluster(),
                        dump,
                        choice.why(),
                        newestOf(dump.database()).map(dump::equals).orElse(false),
                        programs,
                        directories(),
                        input.keep() ? facts.readAt().plus(KEPT_FOR) : null,
                        otherDatabases(dump.database()),
                        input.proveChecks()),
                List.of());
    }

    private @Nullable Choice choose() {
        String backup = input.backup();
        if (backup != null) {
            Optional<Dump> named = facts.dumps().stream()
                    .filter(dump -> dump.id().equals(backup))
                    .findFirst();
            return named.isPresent() ? insistedOn(named.get()) : refuseUnknown(backup);
        }
        List<Dump> candidates = facts.dumps().stream()
                .filter(dump -> input.database() == null || dump.database().equals(input.database()))
                .toList();
        if (candidates.isEmpty()) {
            return refuseNone();
        }
        if (input.random()) {
            int lot = (int) (facts.lots().dump() * candidates.size());
            Dump drawn = candidates.get(Math.min(lot, candidates.size() - 1));
            return new Choice(drawn, "drawn from the %d that are kept".formatted(candidates.size()));
        }
        String database = input.database() == null ? facts.mainDatabase() : input.database();
        Optional<Dump> own = newestOf(database);
        return own.isPresent()
                ? new Choice(own.get(), "the newest of " + database)
                : new Choice(newest(candidates).orElseThrow(), "the newest; %s has none".formatted(database));
    }

    private @Nullable Choice insistedOn(Dump dump) {
        String database = input.database();
        if (database != null && !database.equals(dump.database())) {
            return refuse(
                    FailureCode.UNKNOWN_BACKUP,
                    "cannot verify the dump %s as one of the database %s: it is one of %s"
                            .formatted(dump.id(), database, dump.database()),
                    "leave --database out, or name another dump");
        }
        return new Choice(dump, "as asked for");
    }

    private @Nullable Choice refuseUnknown(String backup) {
        String why = facts.unusable().stream()
                .filter(unusable -> unusable.id().equals(backup))
                .map(unusable ->
                        "cannot verify the dump %s of %s: %s".formatted(backup, input.cluster(), unusable.why()))
                .findFirst()
                .orElse("cannot find the dump %s of %s: none of %s in the catalogue has this name"
                        .formatted(backup, input.cluster(), dumps(facts.dumps().size())));
        return refuse(
                FailureCode.UNKNOWN_BACKUP, why, "'lifeboat backups %s' lists what exists".formatted(input.cluster()));
    }

    private @Nullable Choice refuseNone() {
        String of = input.database() == null ? input.cluster() : input.cluster() + "." + input.database();
        return refuse(
                FailureCode.UNKNOWN_BACKUP,
                "cannot verify a dump of %s: there is none that could be read, among %s of %s"
                        .formatted(
                                of,
                                dumps(facts.dumps().size() + facts.unusable().size()),
                                input.cluster()),
                "take one with 'lifeboat start daily-dump --cluster %s'".formatted(input.cluster()));
    }

    private static String dumps(int number) {
        return ReportWords.count(number, "dump", "dumps");
    }

    private <T> @Nullable T refuse(FailureCode code, String message, String hint) {
        refusals.add(new RecoveryFailure(code, message, hint));
        return null;
    }

    private @Nullable String programs(Dump dump) {
        int major = dump.serverVersion() / 10_000;
        String found = facts.programs().get(major);
        if (found == null) {
            refuse(
                    FailureCode.MISSING_BINARY,
                    "cannot restore the dump %s: it is one of PostgreSQL %d, and this host has the programs of %s"
                            .formatted(
                                    dump.id(),
                                    major,
                                    facts.programs().isEmpty()
                                            ? "none"
                                            : String.join(
                                                    ", ",
                                                    facts.programs().keySet().stream()
                                                            .sorted()
                                                            .map(String::valueOf)
                                                            .toList())),
                    "install the server of PostgreSQL %d beside the other one, for example postgresql-%d"
                            .formatted(major, major));
        }
        return found;
    }

    private void requireRoom(Dump dump) {
        long needed = dump.bytes() * ROOM_FACTOR + ROOM_SPARE;
        if (facts.freeBytes() < needed) {
            refuse(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot restore the dump %s in %s: that takes about %d MiB, and %d MiB are free"
                            .formatted(dump.id(), facts.place(), needed >> 20, facts.freeBytes() >> 20),
                    "free space there, or name a folder on a larger disk as spool-directory of %s in lifeboat.yaml"
                            .formatted(input.cluster()));
        }
    }

    /** A server that is kept has a folder of its own, in which no later run will work. */
    private Directories directories() {
        String name = input.keep() ? "verification-" + SECONDS.format(facts.readAt()) : "verification";
        String workspace = facts.place() + "/" + name;
        return new Directories(facts.dataDirectory(), workspace + "/data", workspace, 0);
    }

    private Optional<Dump> newestOf(String database) {
        return newest(facts.dumps().stream()
                .filter(dump -> dump.database().equals(database))
                .toList());
    }

    private static Optional<Dump> newest(List<Dump> dumps) {
        return dumps.stream().max(Comparator.comparing(Dump::startedAt).thenComparing(Dump::id));
    }

    private List<String> otherDatabases(String restored) {
        return facts.dumps().stream()
                .map(Dump::database)
                .filter(database -> !Objects.equals(database, restored))
                .distinct()
                .sorted()
                .toList();
    }
}
