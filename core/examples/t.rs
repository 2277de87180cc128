use faultline_core::*;
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let s = Scenario::parse(&text).unwrap_or_else(|e| panic!("{e}"));
    let t = std::time::Instant::now();
    let until = s.until;
    println!("{}", link::write(&s).unwrap());
    let run = sim::Run::new(s, until);
    let e = t.elapsed();
    let tr = run.transcript();
    println!("{}", if tr.len() < 20000 { &tr[..] } else { &tr[..6000] });
    println!("{} events {:?} {:?}", run.records().len(), e, run.verify());
}
