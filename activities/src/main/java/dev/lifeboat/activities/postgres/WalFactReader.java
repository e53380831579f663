package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore.WrittenObject;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory.Fork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What lies in the archive of one system identifier, as retention sees it: names and times, and the histories. */
final class WalFactReader {

    /** Encrypted objects end differently. Nothing else is taken for a segment. */
    private static final Pattern SEGMENT =
            Pattern.compile("([0-9A-F]{8})/(\\1[0-9A-F]{16}(?:\\.partial|\\.[0-9a-f]{8}\\.partial)?)\\.zst(?:\\.enc)?");

    private static final Pattern INDEX = Pattern.compile("([0-9A-F]{8})/index/(\\1[0-9A-F]{8})\\.json");
    private static final Pattern OTHER = Pattern.compile("[0-9A-F]{8}/(.+?)(?:\\.zst)?(?:\\.enc)?");
    private static final Pattern HISTORY = Pattern.compile("[0-9A-F]{8}\\.history");

    private WalFactReader() {}

    static WalFact read(WalArchive archive) {
        String folder = BucketLayout.wal(archive.cluster(), archive.systemId());
        List<WalFile> files = new ArrayList<>();
        Map<Integer, TimelineHistory> histories = new HashMap<>();
        for (WrittenObject object : archive.store().listWritten(folder)) {
            WalFile file = file(object, object.key().substring(folder.length()));
            files.add(file);
            if (HISTORY.matcher(file.name()).matches()) {
                readHistory(archive, file.name(), histories);
            }
        }
        return new WalFact(archive.systemId(), List.copyOf(files), Map.copyOf(histories));
    }

    private static WalFile file(WrittenObject object, String path) {
        Matcher segment = SEGMENT.matcher(path);
        if (segment.matches()) {
            return new WalFile(object.key(), WalKind.SEGMENT, segment.group(2), object.size(), object.at());
        }
        Matcher index = INDEX.matcher(path);
        if (index.matches()) {
            return new WalFile(object.key(), WalKind.INDEX, index.group(2), object.size(), object.at());
        }
        Matcher other = OTHER.matcher(path);
        String name = other.matches() ? other.group(1) : path;
        return new WalFile(object.key(), WalKind.OTHER, name, object.size(), object.at());
    }

    /** Only the first timeline comes from nowhere, and each goes on where an older one was left: an empty file says neither. */
    private static boolean isPlausible(TimelineHistory history) {
        List<Fork> forks = history.forks();
        for (int i = 0; i < forks.size(); i++) {
            int next = i + 1 < forks.size() ? forks.get(i + 1).timeline() : history.timeline();
            boolean grows = Integer.compareUnsigned(forks.get(i).timeline(), next) < 0;
            boolean goesOn =
                    i == 0 || !forks.get(i).end().isBefore(forks.get(i - 1).end());
            if (!grows || !goesOn) {
                return false;
            }
        }
        return !forks.isEmpty();
    }

    /** One that cannot be understood is as good as missing: then nobody knows where the timeline came from. */
    private static void readHistory(WalArchive archive, String name, Map<Integer, TimelineHistory> histories) {
        int timeline = Integer.parseUnsignedInt(name.substring(0, 8), 16);
        try {
            archive.read(name)
                    .map(text -> TimelineHistory.parse(timeline, new String(text, StandardCharsets.UTF_8)))
                    .filter(WalFactReader::isPlausible)
                    .ifPresent(history -> histories.put(timeline, history));
        } catch (IllegalArgumentException e) {
            // Not a history.
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.WAL_DAMAGED && e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
        }
    }
}
