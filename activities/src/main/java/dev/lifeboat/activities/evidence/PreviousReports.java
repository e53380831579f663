package dev.lifeboat.activities.evidence;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Previous;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The report before another one. Each names the digest of the one before it, so that one that was taken out or exchanged
 * later is missed. Never a reason for a report not to be written.
 */
final class PreviousReports {

    private static final Logger log = LoggerFactory.getLogger(PreviousReports.class);
    /** Folders without sums are of runs that were killed, or have not ended. */
    private static final int LOOKS = 10;

    private PreviousReports() {}

    static @Nullable Previous before(ObjectStore store, RunReport report) {
        String root = BucketLayout.evidence(report.run());
        String folder = BucketLayout.evidence(report.run(), report.startedAt(), report.runId());
        String own = folder.substring(root.length(), folder.length() - 1);
        try {
            List<String> earlier = store.listFolders(root).stream()
                    .filter(name -> name.compareTo(own) < 0)
                    .toList();
            for (int i = earlier.size() - 1; i >= Math.max(0, earlier.size() - LOOKS); i--) {
                String sums = root + earlier.get(i) + "/" + Sha256Sums.NAME;
                if (store.head(sums).isPresent()) {
                    String runId = earlier.get(i).substring(earlier.get(i).indexOf('_') + 1);
                    return new Previous(runId, Sha256Sums.hex(store.readAll(sums)));
                }
            }
        } catch (RecoveryFailure e) {
            log.info("the report of {} names none before it: {}", report.run(), e.getMessage());
        }
        return null;
    }
}
