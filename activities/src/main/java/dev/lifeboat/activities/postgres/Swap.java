package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts the recovered data directory where the live one was, and back again as long as nobody has used it. */
final class Swap {

    private static final Duration KEPT_FOR = Duration.ofDays(7);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final LiveContext context;
    private final LiveStopStart server;
    private final TablespaceSwap tablespaces;

    Swap(LiveContext context) {
        this.context = context;
        this.server = new LiveStopStart(context);
        this.tablespaces = new TablespaceSwap(context);
    }

    /** A second call finishes what a first one began, or confirms it. */
    StepOutcome in(RecoveryOrder order) {
        context.mayChange(order);
        SwapJournal journal = journal(order);
        try {
            for (SwapJournal.Next next = journal.next(); next != SwapJournal.Next.DONE; next = journal.next()) {
                step(order, journal, next);
            }
            tablespaces.requireDone(journal);
            return done(journal);
        } catch (IOException e) {
            throw FileTrees.failed("swap %s and %s".formatted(journal.live(), journal.copy()), e);
        }
    }

    /** @throws RecoveryFailure UNEXPECTED_STATE when a server has run in the recovered directory since it was moved in */
    StepOutcome back(RecoveryOrder order) {
        context.mayChange(order);
        Optional<SwapJournal> found =
                SwapJournal.read(context).filter(journal -> belongsTo(journal, order) && !journal.opened());
        if (found.isEmpty()) {
            return context.outcome("nothing was swapped");
        }
        SwapJournal journal = found.get();
        try {
            for (SwapJournal.Next next = journal.nextBack(); next != SwapJournal.Next.DONE; next = journal.nextBack()) {
                stepBack(order, journal, next);
            }
            if (!journal.liveWasThere()) {
                tablespaces.back(order, journal);
            }
            Files.deleteIfExists(KeptDirectory.noteOf(journal.before()));
            context.forget(SwapJournal.NOTE);
            return context.outcome("the old data directory is back in " + journal.live());
        } catch (IOException e) {
            throw FileTrees.failed("swap %s back".formatted(journal.live()), e);
        }
    }

    /** The journal of this run; made and synced, after everything was looked at, when there is none yet. */
    private SwapJournal journal(RecoveryOrder order) {
        Optional<SwapJournal> found = SwapJournal.read(context);
        if (found.isPresent() && belongsTo(found.get(), order)) {
            return found.get();
        }
        if (found.isPresent() && !found.get().opened() && found.get().onDisk().before()) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot swap: run %s has left a swap of %s unfinished, its old data directory is %s"
                            .formatted(
                                    found.get().runId(),
                                    found.get().live(),
                                    found.get().before()),
                    "decide which directory belongs in that place, move it there by hand, remove "
                            + context.note(SwapJournal.NOTE));
        }
        server.proveDown();
        Path live = context.dataDirectory();
        Path copy = Path.of(order.plan().directories().copy());
        ControlFile recovered = requireReady(order, live, copy);
        Instant now = Instant.now();
        String stamp = SECOND.format(now);
        SwapJournal journal = new SwapJournal(
                1,
                order.fence().runId(),
                live.toString(),
                copy.toString(),
                live + ".before-" + stamp,
                Files.exists(live, LinkOption.NOFOLLOW_LINKS),
                recovered.checkpoint().toString(),
                now,
                false,
                tablespaces(order, live, copy, recovered, stamp));
        context.write(SwapJournal.NOTE, journal);
        return journal;
    }

    private List<TablespaceMove> tablespaces(
            RecoveryOrder order, Path live, Path copy, ControlFile recovered, String stamp) {
        try {
            return tablespaces.plan(order, live, copy, recovered, stamp);
        } catch (IOException e) {
            throw FileTrees.failed("look at the tablespaces of %s and %s".formatted(live, copy), e);
        }
    }

    private ControlFile requireReady(RecoveryOrder order, Path live, Path copy) {
        if (ServerProcesses.postmaster(copy).isPresent()) {
            throw notReady("a server still runs in " + copy);
        }
        ControlFile recovered = ControlFile.read(context.cluster().binary("pg_controldata"), context.user(), copy);
        if (!recovered.systemId().equals(order.plan().systemId())) {
            throw new RecoveryFailure(
                    FailureCode.WRONG_SYSTEM_ID,
                    "cannot move %s in: its system identifier is %s, the plan's is %s"
                            .formatted(copy, recovered.systemId(), order.plan().systemId()),
                    "this is not the copy that was planned; 'lifeboat abort' and look at it");
        }
        if (!recovered.state().equals("shut down")) {
            throw notReady("the copy's control file says '%s', not 'shut down'".formatted(recovered.state()));
        }
        if (Files.isSymbolicLink(live)) {
            throw notReady(live + " is a symbolic link");
        }
        return recovered;
    }

    private void step(RecoveryOrder order, SwapJournal journal, SwapJournal.Next next) throws IOException {
        context.mayChange(order);
        Path live = Path.of(journal.live());
        Path copy = Path.of(journal.copy());
        Path before = Path.of(journal.before());
        switch (next) {
            case MOVE_LIVE_ASIDE -> {
                // Another one may have started it since; nothing of that would be in the copy.
                server.proveDown();
                like(live, copy);
                rename(live, before);
            }
            case MOVE_COPY_IN -> {
                // No data directory is in the live place now, so no server can start between these renames.
                tablespaces.in(order, journal);
                rename(copy, live);
            }
            default -> throw unclear(journal);
        }
    }

    private void stepBack(RecoveryOrder order, SwapJournal journal, SwapJournal.Next next) throws IOException {
        context.mayChange(order);
        Path live = Path.of(journal.live());
        switch (next) {
            case MOVE_COPY_OUT -> {
                requireUnused(journal);
                rename(live, Path.of(journal.copy()));
            }
            case MOVE_LIVE_BACK -> {
                tablespaces.back(order, journal);
                rename(Path.of(journal.before()), live);
            }
            default -> throw unclear(journal);
        }
    }

    private void requireUnused(SwapJournal journal) {
        server.proveDown();
        ControlFile now =
                ControlFile.read(context.cluster().binary("pg_controldata"), context.user(), Path.of(journal.live()));
        if (!now.checkpoint().equals(journal.checkpoint())) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot swap back: the recovered directory was moved in at checkpoint %s and is at %s now, so it was used"
                            .formatted(journal.copyCheckpoint(), now.checkpoint()),
                    "what was written since would be lost; decide by hand (the old directory is %s)"
                            .formatted(journal.before()));
        }
    }

    private StepOutcome done(SwapJournal journal) throws IOException {
        List<LeftBehind> left = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        List<String> asideTablespaces = journal.tablespaces().stream()
                .filter(TablespaceMove::liveWasThere)
                .map(TablespaceMove::before)
                .toList();
        if (journal.liveWasThere() || !asideTablespaces.isEmpty()) {
            KeptDirectory kept = keep(journal, asideTablespaces);
            if (journal.liveWasThere()) {
                left.add(new LeftBehind(kept.what(), kept.path(), kept.keptUntil()));
            }
            asideTablespaces.forEach(
                    folder -> left.add(new LeftBehind("old files of a tablespace", folder, kept.keptUntil())));
        }
        if (journal.liveWasThere()) {
            Path wal = Path.of(journal.before()).resolve("pg_wal");
            if (Files.isSymbolicLink(wal)) {
                findings.add(new Finding(
                        "medium",
                        "pg_wal was a link to %s and lies in the data directory now".formatted(wal.toRealPath()),
                        "move it when there is time: stop, mv pg_wal, ln -s, start"));
            }
        }
        String aside = journal.liveWasThere() ? "; the old one is " + journal.before() : "; there was no old one";
        return context.outcome("recovered data directory is in " + journal.live() + aside)
                .withFindings(findings)
                .withLeftBehind(left);
    }

    private KeptDirectory keep(SwapJournal journal, List<String> asideTablespaces) throws IOException {
        Path note = KeptDirectory.noteOf(journal.before());
        if (Files.exists(note)) {
            return KeptDirectory.read(note);
        }
        KeptDirectory kept = new KeptDirectory(
                1,
                "old data directory",
                journal.before(),
                journal.runId(),
                Instant.now().plus(KEPT_FOR),
                asideTablespaces);
        kept.write(context.user());
        return kept;
    }

    /** The copy gets the mode that the live directory had, if the server accepts it; else the strict one. */
    private static void like(Path live, Path copy) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(live, LinkOption.NOFOLLOW_LINKS);
        boolean group = mode.equals(PosixFilePermissions.fromString("rwxr-x---"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString(group ? "rwxr-x---" : "rwx------"));
    }

    private static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        Transcript.note("renamed %s to %s".formatted(from, to));
        FileTrees.syncFolder(from.getParent());
        FileTrees.syncFolder(to.getParent());
    }

    private static boolean belongsTo(SwapJournal journal, RecoveryOrder order) {
        return journal.runId().equals(order.fence().runId());
    }

    private static RecoveryFailure notReady(String why) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot move the recovered directory in: " + why,
                "look at it, then 'lifeboat retry' or 'lifeboat abort'");
    }

    private RecoveryFailure unclear(SwapJournal journal) {
        SwapJournal.OnDisk disk = journal.onDisk();
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot go on with the swap: %s %s, %s %s, %s %s; somebody else moved something"
                        .formatted(
                                journal.live(),
                                there(disk.live()),
                                journal.copy(),
                                there(disk.copy()),
                                journal.before(),
                                there(disk.before())),
                "put the directories where the journal %s says, then 'lifeboat retry'"
                        .formatted(context.note(SwapJournal.NOTE)));
    }

    private static String there(boolean exists) {
        return exists ? "exists" : "does not exist";
    }
}
