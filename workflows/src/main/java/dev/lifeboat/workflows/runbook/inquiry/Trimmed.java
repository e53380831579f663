package dev.lifeboat.workflows.runbook.inquiry;

import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.EvidenceFile;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import java.util.ArrayList;
import java.util.List;

/** Keeps answers below what Temporal carries. */
final class Trimmed {

    /** In characters; leaves room for those that take more than one byte. */
    private static final int MOST = 700_000;

    /** A report with a few dozen steps and checks; a longer one is rare. */
    private static final int REPORTS = 50;

    private static final String CUT = "\n… cut here; the whole file is in the bucket's evidence folder\n";

    private Trimmed() {}

    static List<EvidenceFile> files(List<EvidenceFile> files) {
        List<EvidenceFile> kept = new ArrayList<>();
        int room = MOST;
        for (EvidenceFile file : files) {
            boolean fits = file.text().length() <= room;
            String text = fits ? file.text() : file.text().substring(0, room) + CUT;
            kept.add(new EvidenceFile(file.name(), text));
            room -= Math.min(room, file.text().length());
        }
        return List.copyOf(kept);
    }

    static List<RunReport> reports(List<RunReport> reports) {
        return List.copyOf(reports.subList(0, Math.min(REPORTS, reports.size())));
    }
}
