//! A disk that is full: it is told, nothing is lost, and work goes on when there is space again.

use crate::host::{Host, UNIT, fees, sends};

#[test]
fn a_full_disk_is_told_and_survived() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.run(["mkdir", "/var/lib/natrium"]).unwrap();
    lab.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "small", "/var/lib/natrium"]).unwrap();
    lab.run(["chown", "natrium:natrium", "/var/lib/natrium"]).unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("while there is space");
    let main = lab.main_pid(UNIT).unwrap();

    let fill = |name: &str| {
        // It fails when there is no byte left, which is what is wanted of it.
        let filler = format!("of=/var/lib/natrium/{name}");
        assert!(!lab.tries(["dd", "if=/dev/zero", &filler, "bs=4k"]).unwrap().status.success());
    };
    fill("filler-1");
    host.plays(async {
        let anna = host.anna().await;
        sends(&anna, "too much").await;
        anna.sees_now("fees.yml could not be saved: ").await.unwrap();
    });
    assert_eq!(host.published("fees"), fees("while there is space"));
    // What was held in reserve, too.
    fill("filler-2");
    host.plays(async { host.anna().await.says("/cancel").await.unwrap() });
    host.until_shown("no space left on device");

    lab.run(["rm", "/var/lib/natrium/filler-1", "/var/lib/natrium/filler-2"]).unwrap();
    host.until_shown("; writer: fees ");
    host.plays(async { host.anna().await.sees("Ended. Nothing was saved").await.unwrap() });
    host.anna_uploads("after all");
    assert_eq!(lab.main_pid(UNIT).unwrap(), main, "it was restarted");
}
